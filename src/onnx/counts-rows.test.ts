import { expect, test } from 'vitest';
import { createSession } from '../runtime/index.ts';
import { numbers, rows, scalar, tensor } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import { couplesRows } from './couples-rows.ts';
import type { Graph } from './graph.ts';

/** Appends nodes to a graph whose input x has the shape [N, 4, 6]. @returns its output */
type Build = (b: GraphBuilder, x: string) => string;

function graphOf(build: Build): Graph {
  const b = new GraphBuilder();
  b.output(build(b, b.input('x', 'float32', ['N', 4, 6])), 'y');
  return b.finish();
}

const images = tensor(
  Float32Array.from({ length: 3 * 24 }, (_, i) => Math.sin(1 + 1.7 * i * i)),
  [3, 4, 6],
);

/** By how much the first row's answer changes where it is alone. */
async function change(graph: Graph): Promise<number> {
  const session = await createSession(graph, { name: 'graph' });
  const first = async (count: number): Promise<number[]> => {
    const { y } = await session.run({ x: rows(images, 0, count) }, ['y']);
    const all = numbers(y ?? scalar(0));
    return all.slice(0, all.length / count);
  };
  const [among, alone] = [await first(3), await first(1)];
  await session.release();
  return Math.max(...among.map((v, i) => Math.abs(v - (alone[i] as number))));
}

const int64 = (b: GraphBuilder, value: number): string => b.constant(scalar(value, 'int64'));
const float = (b: GraphBuilder, x: string): string => b.op('Cast', [x], { to: 1 });
const count = (b: GraphBuilder, x: string): string =>
  b.op('Gather', [b.op('Shape', [x]), int64(b, 0)], { axis: 0 });
const counts = (b: GraphBuilder, x: string): string => b.op('Unsqueeze', [count(b, x), b.ints([0])]);
const plus = (b: GraphBuilder, x: string, y: string): string => b.op('Add', [x, y]);
const ones = (b: GraphBuilder, x: string): string =>
  b.op('ConstantOfShape', [b.op('Concat', [counts(b, x), b.ints([1, 1])], { axis: 0 })], {
    value: {
      type: 'tensor',
      value: tensor(new Float32Array([1]), [1]),
    },
  });

const counting: Record<string, [op: string, build: Build]> = {
  'the number of rows added': ['Shape', (b, x) => plus(b, x, float(b, count(b, x)))],
  'weights by the number of rows': [
    'Shape',
    (b, x) => b.op('Div', [x, b.op('Sqrt', [float(b, count(b, x))])]),
  ],
  'the size of everything': ['Size', (b, x) => plus(b, x, float(b, b.op('Size', [x])))],
  'another answer where there is one row alone': [
    'Shape',
    (b, x) => b.op('Where', [b.op('Equal', [count(b, x), int64(b, 1)]), x, b.op('Neg', [x])]),
  ],
  'the number of rows of a later tensor': [
    'Shape',
    (b, x) => plus(b, x, float(b, count(b, b.op('Flatten', [b.op('Relu', [x])])))),
  ],
  'one more than the rows, by which it is multiplied': [
    'Shape',
    (b, x) => b.op('Mul', [x, float(b, b.op('Add', [count(b, x), int64(b, 1)]))]),
  ],
  'ones in the shape of the batch, summed up': [
    'ReduceSum',
    (b, x) => plus(b, x, b.op('ReduceSum', [ones(b, x), b.ints([0])])),
  ],
  'half of the rows, rounded down': [
    'Shape',
    (b, x) => plus(b, x, float(b, b.op('Div', [count(b, x), int64(b, 2)]))),
  ],
  'the last number of a range': [
    'Shape',
    (b, x) => {
      const range = b.op('Range', [int64(b, 0), count(b, x), int64(b, 1)]);
      return plus(b, x, float(b, b.op('ReduceMax', [range])));
    },
  ],
};

const harmless: Record<string, Build> = {
  'flattened by its own shape': (b, x) =>
    b.op('Reshape', [x, b.op('Concat', [counts(b, x), b.ints([-1])], { axis: 0 })]),
  'a class token in the shape of the batch': (b, x) => {
    const shape = b.op('Concat', [counts(b, x), b.ints([-1, -1])], { axis: 0 });
    const kept = b.op('Where', [b.op('Equal', [shape, b.ints([-1])]), b.ints([1]), shape]);
    const token = b.op('Expand', [b.constant(tensor(new Float32Array(6).fill(0.3), [1, 1, 6])), kept]);
    return b.op('Concat', [token, x], { axis: 1 });
  },
  'a mask of ones in the shape of the batch': (b, x) => {
    const less = b.op('Sub', [b.scalar(1), ones(b, x)]);
    return plus(b, x, b.op('Mul', [less, b.scalar(-1e4)]));
  },
  'the mean and the largest of what is alike in all rows': (b, x) => {
    const mean = b.op('ReduceMean', [ones(b, x), b.ints([0])]);
    return plus(b, x, b.op('Mul', [mean, b.op('ReduceMax', [ones(b, x), b.ints([0])])]));
  },
  'scaled by the size of a head': (b, x) => {
    const size = b.op('Slice', [b.op('Shape', [x]), b.ints([-1]), b.ints([2 ** 31 - 1])]);
    return b.op('Div', [x, b.op('Sqrt', [float(b, size)])]);
  },
  'a mean by hand, over the pixels of an image': (b, x) => {
    const pixels = b.op('Div', [b.op('Size', [x]), count(b, x)]);
    return b.op('Div', [b.op('ReduceSum', [x, b.ints([1, 2])]), float(b, pixels)]);
  },
  'rows picked by their own numbers': (b, x) => {
    const range = b.op('Range', [int64(b, 0), count(b, x), int64(b, 1)]);
    const index = b.op('Unsqueeze', [range, b.ints([1])]);
    return b.op('GatherND', [x, index]);
  },
  'sliced up to the number of rows': (b, x) =>
    b.op('Slice', [b.op('Relu', [x]), b.ints([0]), counts(b, x), b.ints([0])]),
};

test.for(Object.entries(counting))('%s', async ([, [op, build]]) => {
  const graph = graphOf(build);
  expect(couplesRows(graph, 'x')?.op).toBe(op);
  expect(await change(graph)).toBeGreaterThan(1e-3);
});

test.for(Object.entries(harmless))('no alarm: %s', async ([, build]) => {
  const graph = graphOf(build);
  expect(couplesRows(graph, 'x')).toBeUndefined();
  expect(await change(graph)).toBe(0);
});
