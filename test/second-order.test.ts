import { expect, test } from 'vitest';
import { gradient } from '../src/autodiff/index.ts';
import { crossEntropy, netWithin } from '../src/models/index.ts';
import type { Graph } from '../src/onnx/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { int64, numbers, randomOf, sizeOf, tensor } from '../src/tensor/index.ts';

/** Normal numbers, the same for the same words. */
function normal(what: string, ...shape: number[]): AnyTensor {
  const stream = randomOf(7, 'test').stream(what, 'normal');
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
    shape,
  );
}

interface Build {
  b: GraphBuilder;
  x: string;
  /** A constant of normal numbers, scaled to keep what it is multiplied with in size. */
  w: (...shape: number[]) => string;
}

/** Networks from [2, 4, 8, 8] to logits [2, 3], twice differentiable where they are tried. */
const networks: Record<string, (c: Build) => string> = {
  'convolution and softplus': ({ b, x, w }) => {
    const first = b.op('Softplus', [b.op('Conv', [x, w(6, 4, 3, 3)], { pads: [1, 1, 1, 1] })]);
    const options = { strides: [2, 2], pads: [1, 1, 1, 1], group: 2 };
    const second = b.op('Softplus', [b.op('Conv', [first, w(8, 3, 3, 3), w(8)], options)]);
    return b.op('Gemm', [b.op('Flatten', [second]), w(128, 3)]);
  },
  'matrix products and tanh': ({ b, x, w }) => {
    const hidden = b.op('Tanh', [b.op('MatMul', [b.op('Flatten', [x]), w(256, 16)])]);
    return b.op('MatMul', [b.op('Tanh', [b.op('Add', [hidden, w(16)])]), w(16, 3)]);
  },
  pools: ({ b, x, w }) => {
    const smooth = b.op('Softplus', [x]);
    const mean = b.op('AveragePool', [smooth], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    // Apart by more than steps can close, else the maximum changes its place between them.
    const apart = Float32Array.from({ length: 256 }, (_, i) => 5 * (((i >> 3) * 2 + i + (i >> 5)) % 4));
    const tall = b.op('Add', [smooth, b.constant(tensor(apart, [1, 4, 8, 8]), 'apart')]);
    const scaled = b.op('Mul', [b.op('Mul', [tall, tall]), b.scalar(0.01)]);
    const largest = b.op('MaxPool', [scaled], { kernel_shape: [2, 2], strides: [2, 2] });
    const both = b.op('Mul', [mean, largest]);
    const norm = b.op('LpPool', [both], { kernel_shape: [2, 2], strides: [2, 2], p: 3 });
    return b.op('Gemm', [b.op('Flatten', [b.op('GlobalAveragePool', [norm])]), w(4, 3)]);
  },
  'layer normalisation, gelu and attention': ({ b, x, w }) => {
    const tokens = b.op('Transpose', [b.op('Reshape', [x, b.ints([0, 4, 16, 4])])], { perm: [0, 2, 1, 3] });
    const flat = b.op('Reshape', [tokens, b.ints([0, 16, 16])]);
    const normed = b.op('LayerNormalization', [flat, w(16), w(16)]);
    const mixed = b.op('Softmax', [
      b.op('MatMul', [normed, b.op('Transpose', [normed], { perm: [0, 2, 1] })]),
    ]);
    const wide = b.op('MatMul', [b.op('Add', [flat, b.op('MatMul', [mixed, normed])]), w(16, 12)]);
    return b.op('Gemm', [b.op('ReduceMean', [gelu(b, wide), b.ints([1])], { keepdims: 0 }), w(12, 3)]);
  },
  'batch and group normalisation, a depthwise convolution and a gate': ({ b, x, w }) => {
    const options = { strides: [2, 2], pads: [1, 1, 1, 1], group: 4 };
    const deep = b.op('Conv', [x, w(4, 1, 3, 3)], options);
    const spread = b.constant(tensor(Float32Array.of(1, 2, 0.5, 1.5), [4]), 'variance');
    const normed = b.op('BatchNormalization', [deep, w(4), w(4), w(4), spread]);
    const active = b.op('Mul', [normed, b.op('Sigmoid', [normed])]);
    const grouped = b.op('InstanceNormalization', [active, w(4), w(4)]);
    const gate = b.op('Sigmoid', [b.op('Conv', [b.op('GlobalAveragePool', [active]), w(4, 4, 1, 1)])]);
    return b.op('Gemm', [b.op('Flatten', [b.op('Mul', [grouped, gate])]), w(64, 3)]);
  },
};

function gelu(b: GraphBuilder, x: string): string {
  const half = b.op('Mul', [x, b.scalar(0.5)]);
  return b.op('Mul', [
    half,
    b.op('Add', [b.op('Erf', [b.op('Mul', [x, b.scalar(Math.SQRT1_2)])]), b.scalar(1)]),
  ]);
}

/** The cross-entropy of a network, one value per row. */
function lossOf(name: string): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 4, 8, 8]);
  const labels = b.input('labels', 'int64', ['N']);
  let count = 0;
  const w = (...shape: number[]): string => {
    const t = normal(`weight ${count++}`, ...shape);
    const fan =
      sizeOf(shape.slice(shape.length > 2 ? 1 : 0)) / (shape.length === 2 ? (shape[1] as number) : 1);
    return b.constant(
      tensor(
        Float32Array.from(numbers(t), (v) => (1.5 * v) / Math.sqrt(fan)),
        shape,
      ),
      'w',
    );
  };
  const logits = networks[name]?.({ b, x, w }) as string;
  const net = netWithin(b, { graph: b.finish(), images: x, logits, outputs: {} });
  b.output(
    crossEntropy().build(b, net, () => labels),
    'loss',
  );
  return b.finish();
}

test.for(Object.keys(networks))('%s: the product of a vector with the second derivative', async (name) => {
  const graph = lossOf(name);
  const once = gradient(graph, { of: 'loss', wrt: ['x'], keep: [] });
  const twice = gradient(once, { of: 'grad_x', wrt: ['x'], cotangent: 'input', keep: [] });
  expect(twice.inputs.map((i) => i.name)).toEqual(['x', 'labels', 'cotangent']);
  const first = await createSession(once, { name });
  const second = await createSession(twice, { name });
  const labels = int64([2, 0]);
  const x = normal('x', 2, 4, 8, 8);
  const [u, v] = [normal('u', 2, 4, 8, 8), normal('v', 2, 4, 8, 8)];
  const product = async (cotangent: AnyTensor): Promise<number[]> =>
    numbers((await second.run({ x, labels, cotangent }))[twice.outputs[0]?.name as string] as AnyTensor);
  const moved = async (by: number): Promise<number[]> => {
    const [from, along] = [numbers(x), numbers(v)];
    const at = Float32Array.from(from, (a, i) => a + by * (along[i] as number));
    return numbers((await first.run({ x: tensor(at, x.shape), labels }))['grad_x'] as AnyTensor);
  };

  const found = await product(v);
  const step = 1e-2;
  const [a, c, d, e] = [await moved(-2 * step), await moved(-step), await moved(step), await moved(2 * step)];
  const differences = d.map(
    (right, i) => (8 * (right - (c[i] as number)) - ((e[i] as number) - (a[i] as number))) / (12 * step),
  );
  const size = length(found);
  expect(size).toBeGreaterThan(1e-2);
  expect(length(found.map((f, i) => f - (differences[i] as number))) / size).toBeLessThan(1e-3);
  // The second derivative is symmetric, whatever the step.
  const other = await product(u);
  expect(
    Math.abs(dot(numbers(u), found) - dot(numbers(v), other)) / (size * length(numbers(u))),
  ).toBeLessThan(1e-6);
  await Promise.all([first.release(), second.release()]);
});

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
}

function length(a: readonly number[]): number {
  return Math.sqrt(dot(a, a));
}
