import { describe, expect, test } from 'vitest';
import { type AnyTensor, int64, type Tensor, tensor } from '../tensor/index.ts';
import { compared, disagreement } from './compared.ts';
import type { Session } from './session.ts';

const values = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
const like = (change: (v: number, i: number) => number): AnyTensor => tensor(values.map(change), [4, 25]);
const reference = like((v) => v);

describe('disagreement', () => {
  test('rounding, flips of activations and sums that cancel pass', () => {
    expect(
      disagreement(
        like((v) => v * (1 + 1e-4)),
        reference,
      ),
    ).toBeUndefined();
    expect(
      disagreement(
        like((v, i) => (i % 5 === 0 ? v + 0.02 : v)),
        reference,
      ),
    ).toBeUndefined();
    expect(
      disagreement(
        like(() => 1e-9),
        like(() => 0),
      ),
    ).toBeUndefined();
    expect(disagreement(int64([1, 2]), int64([1, 2]))).toBeUndefined();
  });

  test('what the CPU has no number for is not compared', () => {
    const holes = like((v, i) => (i === 7 ? Number.NaN : v));
    expect(disagreement(reference, holes)).toBeUndefined();
    expect(disagreement(holes, reference)).toBe('it is not finite where the CPU has numbers');
    expect(
      disagreement(
        like((v, i) => (i === 7 ? Number.POSITIVE_INFINITY : v)),
        reference,
      ),
    ).toBe('it is not finite where the CPU has numbers');
  });

  test('wrong kernels do not pass', () => {
    expect(
      disagreement(
        like((v) => v * 1.03),
        reference,
      ),
    ).toBe("77 % of its elements differ from the CPU's, in norm by 3.0 %");
    expect(
      disagreement(
        like((v, i) => (i % 50 === 0 ? v + 1 : v)),
        reference,
      ),
    ).toBe("2.0 % of its elements differ from the CPU's, in norm by 20 %");
    expect(
      disagreement(
        like(() => 0.5),
        like(() => 0),
      ),
    ).toBe("100 % of its elements differ from the CPU's, in norm by 5.0");
    expect(disagreement(tensor(values, [100]), reference)).toBe('its shape is [100], on the CPU [4, 25]');
  });
});

/** Gives back what it is asked with, times a factor. */
function scaling(factor: (rows: number) => number): Session & { runs: number; released: boolean } {
  return {
    inputs: [],
    outputs: [],
    runs: 0,
    released: false,
    async run({ x }) {
      this.runs++;
      const { data, shape } = x as Tensor;
      const by = factor(shape[0] as number);
      return {
        y: tensor(
          data.map((v) => v * by),
          shape,
        ),
      };
    },
    async release() {
      this.released = true;
    },
  };
}

test('a session is compared once per shape of its inputs, and refused by name', async () => {
  const onDevice = scaling((rows) => (rows === 5 ? 3 : 2));
  const onCpu = scaling(() => 2);
  let opened = 0;
  const session = compared(
    { ...onDevice, run: (inputs, outputs) => onDevice.run(inputs, outputs) },
    async () => {
      opened++;
      return onCpu;
    },
    { name: 'lenet', device: 'webgpu' },
  );
  const ask = (rows: number) => session.run({ x: tensor(new Float32Array(rows).fill(1), [rows]) });
  expect(opened).toBe(0);
  for (const rows of [3, 3, 4, 3])
    expect((await ask(rows))['y']?.data).toEqual(new Float32Array(rows).fill(2));
  expect([opened, onCpu.runs]).toEqual([1, 2]);
  for (let again = 0; again < 2; again++)
    await expect(ask(5)).rejects.toMatchObject({
      code: 'DEVICE_WRONG',
      broken: true,
      where: 'lenet',
      message:
        'The device webgpu computes the output "y" wrongly: 100 % of its elements differ from the CPU\'s, in norm by 50 %.',
      remedy: 'Use the device cpu for this model, or another driver.',
    });
  await session.release();
  expect(onCpu.released).toBe(true);
});
