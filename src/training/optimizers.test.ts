import { expect, test } from 'vitest';
import type { Tensor } from '../tensor/index.ts';
import { randomOf, tensor } from '../tensor/index.ts';
import type { Optimizer, State } from './index.ts';
import { adam, adamW, classification, convNet, openStep, sgd } from './index.ts';

type Row = { w: Float64Array; slots: Float64Array[] };
/** An update in float64: weight, gradient, slots in place. @param t from 1 */
type Reference = (w: number, g: number, slots: number[], t: number, rate: number, decays: boolean) => number;

const descent =
  (momentum: number, nesterov: boolean, decay: number): Reference =>
  (w, g, slots, _t, rate, decays) => {
    const d = g + (decays ? decay * w : 0);
    slots[0] = momentum * (slots[0] as number) + d;
    return w - rate * (nesterov ? d + momentum * slots[0] : slots[0]);
  };

const adaptive =
  (coupled: number, decoupled: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): Reference =>
  (w, g, slots, t, rate, decays) => {
    const d = g + (decays ? coupled * w : 0);
    slots[0] = beta1 * (slots[0] as number) + (1 - beta1) * d;
    slots[1] = beta2 * (slots[1] as number) + (1 - beta2) * d * d;
    const mean = slots[0] / (1 - beta1 ** t);
    const square = slots[1] / (1 - beta2 ** t);
    return w - (decays ? rate * decoupled * w : 0) - (rate * mean) / (Math.sqrt(square) + epsilon);
  };

const cases: [string, Optimizer, Reference, number][] = [
  ['SGD with momentum', sgd({ momentum: 0.9, decay: 5e-4 }), descent(0.9, false, 5e-4), 0.05],
  ['SGD with Nesterov', sgd({ nesterov: true, decay: 5e-4 }), descent(0.9, true, 5e-4), 0.05],
  ['Adam', adam(), adaptive(0, 0), 1e-3],
  ['Adam with decay', adam({ decay: 0.01, beta1: 0.8 }), adaptive(0.01, 0, 0.8), 1e-3],
  ['AdamW', adamW({ decay: 0.05 }), adaptive(0, 0.05), 1e-3],
];

const network = convNet({ height: 8, width: 8, classes: 3, widths: [4, 8], seed: 1 });
const random = randomOf(1, 'test').stream('', 'batch');
const images = tensor(new Float32Array(6 * 3 * 64), [6, 3, 8, 8]);
random.fillUniform(images.data, 0, 1);
const labels = [0, 1, 2, 2, 1, 0];

test.for(cases)('ten steps of %s are those in float64', async ([, optimizer, reference, rate]) => {
  const step = await openStep({ network, optimizer, losses: [classification()], seed: 1 });
  let state: State = step.start;
  const rows = new Map<string, Row>(
    network.parameters.map((name) => {
      const { data } = state.weights[name] as Tensor;
      const slots = optimizer.slots.map(() => new Float64Array(data.length));
      return [name, { w: Float64Array.from(data), slots }];
    }),
  );
  for (let t = 1; t <= 10; t++) {
    const result = await step.run(state, { images, labels }, rate / t, { gradients: true });
    for (const [name, { w, slots }] of rows) {
      const g = result.gradients?.[name]?.data as Float32Array;
      const decays = (state.weights[name] as Tensor).shape.length > 1;
      for (let i = 0; i < w.length; i++) {
        const own = slots.map((s) => s[i] as number);
        w[i] = reference(w[i] as number, g[i] as number, own, t, rate / t, decays);
        for (const [j, s] of slots.entries()) s[i] = own[j] as number;
      }
    }
    state = result.state;
  }
  await step.release();
  expect(state.step).toBe(10);
  for (const [name, { w }] of rows) {
    const { data } = state.weights[name] as Tensor;
    const largest = w.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    const off = w.reduce((a, v, i) => Math.max(a, Math.abs(v - (data[i] as number))), 0);
    expect({ name, close: off / largest < 1e-6 }).toEqual({ name, close: true });
  }
});

test('clipping scales all gradients to one norm, and leaves small ones alone', async () => {
  const rate = 0.5;
  const moved = async (clip?: number): Promise<{ norm: number; moved: number }> => {
    const step = await openStep({
      network,
      optimizer: sgd({ momentum: 0 }),
      losses: [classification()],
      seed: 1,
      ...(clip === undefined ? {} : { clip }),
    });
    const { norm, state } = await step.run(step.start, { images, labels }, rate);
    await step.release();
    let squares = 0;
    for (const name of network.parameters) {
      const [from, to] = [step.start.weights[name] as Tensor, state.weights[name] as Tensor];
      for (let i = 0; i < from.data.length; i++)
        squares += ((to.data[i] as number) - (from.data[i] as number)) ** 2;
    }
    return { norm, moved: Math.sqrt(squares) / rate };
  };
  const free = await moved();
  expect(free.moved / free.norm).toBeCloseTo(1, 5);
  expect((await moved(free.norm / 3)).moved / free.norm).toBeCloseTo(1 / 3, 5);
  expect(await moved(free.norm * 2)).toEqual(free);
});
