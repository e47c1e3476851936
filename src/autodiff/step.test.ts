import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/index.ts';
import { createSession } from '../runtime/index.ts';
import { tensor } from '../tensor/index.ts';
import { atLeast, atMost, inside, insideTent, positive } from './step.ts';

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The float32 that many places above x. */
function neighbour(x: number, places: number): number {
  float[0] = x;
  const ordered =
    (bits[0] as number) & 0x80000000 ? -((bits[0] as number) & 0x7fffffff) : (bits[0] as number);
  const next = ordered + places;
  bits[0] = next < 0 ? (-next | 0x80000000) >>> 0 : next;
  return float[0];
}

async function run(
  values: readonly number[],
  build: (b: GraphBuilder, x: string) => string,
  shape: readonly number[] = [values.length],
): Promise<number[]> {
  const b = new GraphBuilder();
  b.output(build(b, b.input('x', 'float32', shape)), 'y');
  const graph = b.finish();
  expect(graph.nodes.some((n) => n.op === 'HardSigmoid')).toBe(true);
  const session = await createSession(graph, { name: 'step' });
  const { y } = await session.run({ x: tensor(Float32Array.from(values), shape, 'float32') });
  await session.release();
  return Array.from(y?.data as Float32Array);
}

const far = [-3e38, -1e30, -7, -1, -1e-30, 0, 1e-30, 1, 7, 1e30, 3e38];

describe.for([0, 6, -6, 1, -1, 4, -4, 0.1, -0.1, 255, 1e-3])('masks at the bound %f', (bound) => {
  const near = bound === 0 ? [-1e-37, 0, 1e-37] : [-2, -1, 0, 1, 2].map((p) => neighbour(bound, p));
  const values = [...near, ...far];
  const edge = Math.fround(bound);

  test('are exact to the neighbouring number', async () => {
    expect(await run(values, (b, x) => atLeast(b, x, bound))).toEqual(
      values.map((v) => (Math.fround(v) >= edge ? 1 : 0)),
    );
    expect(await run(values, (b, x) => atMost(b, x, bound))).toEqual(
      values.map((v) => (Math.fround(v) <= edge ? 1 : 0)),
    );
  });
});

test('positive and inside are exact', async () => {
  const values = [...far, 1e-37, -1e-37];
  expect(await run(values, positive)).toEqual(values.map((v) => (v > 0 ? 1 : 0)));
  const share = [0, 1e-37, 0.5, neighbour(1, -1), 1];
  expect(await run(share, inside)).toEqual([0, 1, 1, 1, 0]);
});

test.for([6, 1, 0.7, 20])('the tent to %f is exact', async (high) => {
  const edge = Math.fround(high);
  const ends = [
    0,
    1e-37,
    neighbour(edge / 2, -1),
    edge / 2,
    neighbour(edge / 2, 1),
    neighbour(edge, -1),
    edge,
  ];
  const values = [...ends, edge / 3];
  const found = await run(values, (b, x) => insideTent(b, x, edge), [1, 4, 1, 2]);
  expect(found).toEqual([0, 1, 1, 1, 1, 1, 0, 1]);
});
