import { describe, expect, test } from 'vitest';
import { defineRule, gradient } from '../src/autodiff/index.ts';
import { GraphBuilder, type Shape } from '../src/onnx/index.ts';
import { type AnyTensor, numbers, tensor } from '../src/tensor/index.ts';
import { drawn, outputsOf } from './differences.ts';

// A gradient has the shape of what it is the gradient of, whatever the graph says of sizes beforehand.

const ones = (shape: readonly number[]): AnyTensor =>
  tensor(new Float32Array(shape.reduce((a, d) => a * d, 1)).fill(1), shape);

/** The sum of x·z, broadcast, has the gradients z and x, each summed to the other's shape. */
async function products(
  declared: readonly [Shape | undefined, Shape | undefined],
  sizes: readonly [number[], number[]],
) {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', declared[0]);
  const z = b.input('z', 'float32', declared[1]);
  b.output(b.op('Mul', [x, z]), 'y');
  const graph = b.finish();
  const feeds = { x: drawn(sizes[0], 1, 2, 1), z: drawn(sizes[1], 1, 2, 2) };
  const cotangent = ones(((await outputsOf(graph, feeds))['y'] as AnyTensor).shape);
  const extended = gradient(graph, { of: 'y', wrt: ['x', 'z'], cotangent: 'input', keep: [] });
  const found = await outputsOf(extended, { ...feeds, cotangent });
  return {
    feeds,
    gx: found['grad_x'] as AnyTensor,
    gz: found['grad_z'] as AnyTensor,
    shape: cotangent.shape,
  };
}

/** `t` broadcast to `shape`, then summed to the shape of `like`. */
function summed(t: AnyTensor, shape: readonly number[], like: AnyTensor): number[] {
  const at = (of: AnyTensor, index: readonly number[]): number => {
    const own = index.slice(index.length - of.shape.length);
    return own.reduce(
      (flat, i, axis) => flat * (of.shape[axis] as number) + (of.shape[axis] === 1 ? 0 : i),
      0,
    );
  };
  const out = numbers(like).map(() => 0);
  const count = shape.reduce((a, d) => a * d, 1);
  for (let k = 0; k < count; k++) {
    const index: number[] = [];
    for (let [rest, axis] = [k, shape.length - 1]; axis >= 0; axis--) {
      index.unshift(rest % (shape[axis] as number));
      rest = Math.floor(rest / (shape[axis] as number));
    }
    const place = at(like, index);
    out[place] = (out[place] as number) + (numbers(t)[at(t, index)] as number);
  }
  return out;
}

type Case = [declared: readonly [Shape | undefined, Shape | undefined], sizes: readonly [number[], number[]]];
const cases: Case[] = [
  [
    [
      ['a', 4],
      ['b', 4],
    ],
    [
      [1, 4],
      [3, 4],
    ],
  ],
  [
    [
      ['a', 4],
      ['b', 4],
    ],
    [
      [3, 4],
      [3, 4],
    ],
  ],
  [
    [
      ['a', 4],
      [3, 4],
    ],
    [
      [1, 4],
      [3, 4],
    ],
  ],
  [
    [
      ['a', 'c'],
      ['b', 'd'],
    ],
    [
      [1, 4],
      [3, 1],
    ],
  ],
  [
    [
      ['a', 'c'],
      ['b', 'd', 'e'],
    ],
    [
      [3, 1],
      [2, 1, 4],
    ],
  ],
  [
    [['a', 'c'], undefined],
    [
      [1, 4],
      [2, 3, 4],
    ],
  ],
  [
    [undefined, undefined],
    [[4], [2, 3, 1]],
  ],
  [
    [undefined, [2, 3]],
    [[], [2, 3]],
  ],
  // Of one name, and yet not of one size.
  [
    [
      ['N', 4],
      ['M', 'C'],
    ],
    [
      [1, 4],
      [1, 1],
    ],
  ],
];

test.for(cases)('what is broadcast at the run alone: %j', async ([declared, sizes]) => {
  const { feeds, gx, gz, shape } = await products(declared, sizes);
  expect([gx.shape, gz.shape]).toEqual(sizes);
  const off = (found: AnyTensor, wanted: number[]): number =>
    Math.max(...numbers(found).map((v, i) => Math.abs(v - (wanted[i] as number))));
  expect(off(gx, summed(feeds.z, shape, feeds.x))).toBeLessThan(1e-5);
  expect(off(gz, summed(feeds.x, shape, feeds.z))).toBeLessThan(1e-5);
});

test('the second derivative through sizes of the run', async () => {
  const b = new GraphBuilder();
  const [x, z] = [b.input('x', 'float32', ['a', 4]), b.input('z', 'float32', ['b', 4])];
  b.output(b.op('Mul', [b.op('Mul', [x, x]), z]), 'y');
  const first = gradient(b.finish(), { of: 'y', wrt: ['x'], keep: [] });
  const second = gradient(first, { of: 'grad_x', wrt: ['x'], keep: [] });
  const feeds = { x: drawn([1, 4], 1, 2, 1), z: drawn([3, 4], 1, 2, 2) };
  const found = (await outputsOf(second, feeds))['grad_x_1'] as AnyTensor;
  expect(found.shape).toEqual([1, 4]);
  const z4 = numbers(feeds.z);
  for (const [i, v] of numbers(found).entries())
    expect(v).toBeCloseTo(2 * ((z4[i] as number) + (z4[i + 4] as number) + (z4[i + 8] as number)), 4);
});

describe('axes as an input', () => {
  const axes: [number[], 0 | 1, 0 | 1][] = [
    [[1], 1, 0],
    [[-1, 0], 0, 0],
    [[], 0, 0],
    [[], 1, 0],
    [[], 1, 1],
    [[], 0, 1],
  ];
  test.for(axes)('%j, keepdims %i, noop %i', async ([list, keepdims, noop]) => {
    const b = new GraphBuilder();
    const [x, given] = [b.input('x', 'float32', [3, 2, 2]), b.input('axes', 'int64', ['n'])];
    b.output(b.op('ReduceSumSquare', [x, given], { keepdims, noop_with_empty_axes: noop }), 'y');
    const extended = gradient(b.finish(), { of: 'y', wrt: ['x'], keep: [] });
    const feeds: Record<string, AnyTensor> = {
      x: drawn([3, 2, 2], -1, 1, 5),
      axes: { dtype: 'int64', shape: [list.length], data: BigInt64Array.from(list, BigInt) },
    };
    const found = (await outputsOf(extended, feeds))['grad_x'] as AnyTensor;
    expect(found.shape).toEqual([3, 2, 2]);
    for (const [i, v] of numbers(found).entries())
      expect(v).toBeCloseTo(2 * (numbers(feeds['x'] as AnyTensor)[i] as number), 5);
  });
});

test('a rule whose gradient does not fit is refused', () => {
  const b = new GraphBuilder();
  b.output(b.op('ReduceSum', [b.input('x', 'float32', [3, 2]), b.ints([0])], {}, 'total'), 'y');
  const graph = b.finish();
  const odd = defineRule({ op: 'ReduceSum', backward: ({ b: own }) => [own.floats([1, 2, 3])] });
  expect(() => gradient(graph, { of: 'y', wrt: ['x'], overrides: { ReduceSum: odd } })).toThrow(
    expect.objectContaining({
      code: 'NO_GRADIENT',
      message: 'The gradient of ReduceSum does not fit its input: it has the shape [3] where "x" has [3, 2].',
      where: 'node ReduceSum "total"',
    }),
  );
});

test('the cotangent of an output of unknown rank takes any', async () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', undefined);
  b.output(b.op('Mul', [x, x]), 'y');
  const extended = gradient(b.finish(), { of: 'y', wrt: ['x'], cotangent: 'input', keep: [] });
  const feeds = { x: drawn([2, 3], 1, 2, 1), cotangent: ones([2, 3]) };
  const found = (await outputsOf(extended, feeds))['grad_x'] as AnyTensor;
  expect(found.shape).toEqual([2, 3]);
  for (const [i, v] of numbers(found).entries()) expect(v).toBeCloseTo(2 * (feeds.x.data[i] as number), 5);
});

test('an unknown operator is told before the sizes that are unknown for its sake', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3]);
  const strange = b.op('Frobnicate', [x], {}, 'strange');
  b.output(b.op('MatMul', [strange, b.constant(drawn([3, 2], -1, 1, 1))]), 'y');
  expect(() => gradient(b.finish(), { of: 'y', wrt: ['x'] })).toThrow(
    expect.objectContaining({ where: 'node Frobnicate "strange"' }),
  );
});
