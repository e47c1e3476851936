import { describe, expect, test } from 'vitest';
import { gradient } from '../src/autodiff/index.ts';
import { float, GraphBuilder } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { Tensor } from '../src/tensor/index.ts';
import { randomOf, sizeOf, tensor } from '../src/tensor/index.ts';

/** Deterministic numbers in [−0.5, 0.5). */
function filled(shape: readonly number[], seed: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  randomOf(seed, 'parts').stream('numbers', 'test', 0).fillUniform(data, -0.5, 0.5);
  return tensor(data, shape);
}

function difference(p: Tensor | undefined, q: Tensor | undefined): number {
  expect(p?.shape).toEqual(q?.shape);
  return Math.max(...Array.from(p?.data ?? [], (v, i) => Math.abs(v - (q?.data[i] ?? Number.NaN))));
}

describe('gradients carried in parts, against the same network cut where parts end', () => {
  /** A product with 1 after every node, which no rule looks through, keeps gradients whole. */
  async function bothWays(build: (b: GraphBuilder, x: string) => string, shape: readonly number[]) {
    const results: Tensor[] = [];
    for (const cut of [false, true]) {
      const b = new GraphBuilder();
      const x = b.input('x', 'float32', ['N', ...shape]);
      const plain = new GraphBuilder();
      const inner = build(b, x);
      b.output(inner, 'y');
      const graph = b.finish();
      const start = plain.input('x', 'float32', ['N', ...shape]);
      const names = new Map([['x', start]]);
      for (const [name, value] of graph.initializers) names.set(name, plain.constant(value, name));
      for (const node of graph.nodes) {
        const inputs = node.inputs.map((i) => (i === '' ? '' : (names.get(i) as string)));
        const outputs = node.outputs.map((o) => plain.unique(o));
        plain.append({ ...node, inputs, outputs });
        names.set(
          node.outputs[0] as string,
          cut ? plain.op('Mul', [outputs[0], plain.scalar(1)]) : (outputs[0] as string),
        );
      }
      plain.output(names.get('y') as string, 'out');
      const differentiated = gradient(plain.finish(), { of: 'out', wrt: ['x'], keep: [] });
      const session = await createSession(differentiated, { name: 'parts' });
      const run = await session.run({ x: filled([3, ...shape], 4) });
      await session.release();
      results.push(Object.values(run)[0] as Tensor);
    }
    return results;
  }

  const weight = (b: GraphBuilder, shape: readonly number[], seed: number): string =>
    b.constant(filled(shape, seed), 'w');

  test('a strided depthwise convolution behind a widening one, odd sizes', async () => {
    const [parts, whole] = await bothWays(
      (b, x) => {
        const wide = b.op('Clip', [
          b.op('Conv', [x, weight(b, [48, 16, 1, 1], 1)]),
          b.scalar(0),
          b.scalar(6),
        ]);
        const attributes = { group: 48, strides: [2, 2], pads: [1, 1, 1, 1] };
        const narrow = b.op('Conv', [wide, weight(b, [48, 1, 3, 3], 2)], attributes);
        return b.op('Relu', [narrow]);
      },
      [16, 9, 12],
    );
    expect(difference(parts, whole)).toBeLessThan(1e-5);
  });

  test('a first layer before an activation and a max pool, and a normalization', async () => {
    for (const [k, pads] of [
      [2, 0],
      [3, 1],
    ] as const) {
      const [parts, whole] = await bothWays(
        (b, x) => {
          const made = b.op('Conv', [x, weight(b, [16, 3, 3, 3], 1)], { pads: [1, 1, 1, 1] });
          const vector = (seed: number): string => weight(b, [16], seed);
          const variance = b.constant(tensor(new Float32Array(16).fill(2), [16]), 'v');
          const normal = b.op('BatchNormalization', [made, vector(5), vector(6), vector(7), variance]);
          const relu = b.op('LeakyRelu', [normal], { alpha: float(0.1) });
          const attributes = { kernel_shape: [k, k], strides: [2, 2], pads: Array(4).fill(pads) as number[] };
          return b.op('MaxPool', [relu], attributes);
        },
        [3, 44, 46],
      );
      expect(difference(parts, whole)).toBeLessThan(1e-5);
    }
  });

  test('a concatenation before a max pool and convolutions', async () => {
    const [parts, whole] = await bothWays(
      (b, x) => {
        const left = b.op('Relu', [b.op('Conv', [x, weight(b, [16, 16, 1, 1], 1)])]);
        const right = b.op('Relu', [b.op('Conv', [x, weight(b, [32, 16, 1, 1], 2)])]);
        const joined = b.op('Concat', [left, right], { axis: 1 });
        const pooled = b.op('MaxPool', [joined], { kernel_shape: [3, 3], strides: [2, 2] });
        return b.op('Relu', [b.op('Conv', [pooled, weight(b, [16, 48, 1, 1], 3)])]);
      },
      [16, 9, 9],
    );
    expect(difference(parts, whole)).toBeLessThan(1e-5);
  });

  test('a residual block that narrows the image, and a mean behind a pointwise convolution', async () => {
    const [parts, whole] = await bothWays(
      (b, x) => {
        const y = b.op('Relu', [b.op('Conv', [x, weight(b, [16, 16, 1, 1], 1)])]);
        const main = b.op('Conv', [y, weight(b, [32, 16, 3, 3], 2)], {
          strides: [2, 2],
          pads: [1, 1, 1, 1],
        });
        const short = b.op('Conv', [y, weight(b, [32, 16, 1, 1], 3)], { strides: [2, 2] });
        const sum = b.op('Relu', [b.op('Add', [main, short])]);
        return b.op('GlobalAveragePool', [b.op('Conv', [sum, weight(b, [20, 32, 1, 1], 4)])]);
      },
      [16, 10, 12],
    );
    expect(difference(parts, whole)).toBeLessThan(1e-5);
  });
});

test('the gradient of every second row and third column lies where they were taken, from every offset', async () => {
  const [height, width] = [6, 9];
  for (const top of [0, 1])
    for (const left of [0, 1, 2]) {
      const b = new GraphBuilder();
      const x = b.input('x', 'float32', ['N', 2, height, width]);
      const picked = b.op('Slice', [
        x,
        b.ints([top, left]),
        b.ints([height, width]),
        b.ints([2, 3]),
        b.ints([2, 3]),
      ]);
      const factors = filled([1, 2, 3, 3], 7);
      b.output(b.op('Mul', [picked, b.constant(factors, 'factors')]), 'y');
      const session = await createSession(gradient(b.finish(), { of: 'y', wrt: ['x'], keep: [] }), {
        name: 'picked',
      });
      const [dx] = Object.values(await session.run({ x: filled([1, 2, height, width], 8) })) as [Tensor];
      await session.release();
      const expected = Float32Array.from({ length: 2 * height * width }, (_, i) => {
        const [c, y, z] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
        const there = y % 2 === top && z % 3 === left;
        return there ? Number(factors.data[9 * c + 3 * ((y - top) / 2) + (z - left) / 3]) : 0;
      });
      expect(dx.data).toEqual(expected);
    }
});
