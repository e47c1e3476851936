import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../onnx/index.ts';
import { GraphBuilder, readModel } from '../onnx/index.ts';
import { sizeOf, tensor } from '../tensor/index.ts';
import { costOf } from './cost.ts';
import { gradient } from './gradient.ts';

const weight = (b: GraphBuilder, ...shape: number[]): string =>
  b.constant(tensor(new Float32Array(sizeOf(shape)).fill(0.1), shape), 'w');

/** Conv of stride 2, Relu, pool, Gemm. */
function network(batch: number | string): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [batch, 3, 8, 8]);
  const conv = b.op('Conv', [x, weight(b, 4, 3, 3, 3)], { strides: [2, 2], pads: [1, 1, 1, 1] });
  const pool = b.op('MaxPool', [b.op('Relu', [conv])], { kernel_shape: [2, 2], strides: [2, 2] });
  b.output(b.op('Gemm', [b.op('Flatten', [pool]), weight(b, 16, 3)]), 'y');
  return b.finish();
}

test.for(['N', 1, 5])('a batch of %s: as counted by hand, for one image', (batch) => {
  // 4·4·4 outputs of 3·3·3 products, 3 outputs of 16; Relu makes 64, 16 windows of 4. Conv and Relu are held together.
  expect(costOf(network(batch))).toEqual({
    multiplyAdds: 64 * 27 + 3 * 16,
    flops: 2 * (64 * 27 + 3 * 16) + 64 + 16 * 4,
    peakBytes: 4 * (64 + 64),
  });
});

test('what constants decide costs nothing, and its gradient holds what it reads again', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 4]);
  const w = b.op('Tanh', [weight(b, 4, 4)]);
  b.output(b.op('Tanh', [b.op('MatMul', [x, w])]), 'y');
  const graph = b.finish();
  expect(costOf(graph)).toEqual({ multiplyAdds: 16, flops: 32 + 4, peakBytes: 32 });
  const derived = gradient(graph, { of: 'y', wrt: ['x'], cotangent: 'input', keep: [] });
  // y, y², 1 − y², its product with the cotangent: two of four numbers at a time, and one product more.
  expect(costOf(derived)).toEqual({ multiplyAdds: 32, flops: 64 + 4 * 4, peakBytes: 32 });
});

test('products of other kinds', () => {
  const cost = (build: (b: GraphBuilder, x: string) => string): unknown => {
    const b = new GraphBuilder();
    b.output(build(b, b.input('x', 'float32', ['N', 6, 5])), 'y');
    return costOf(b.finish());
  };
  const spread = (b: GraphBuilder, x: string): string =>
    b.op('ConvTranspose', [x, weight(b, 6, 2, 3)], { strides: [2] });
  expect(cost(spread)).toMatchObject({ multiplyAdds: 6 * 5 * 2 * 3 });
  const labels = (b: GraphBuilder, x: string): string =>
    b.op('Einsum', [x, weight(b, 5, 7)], { equation: 'nij,jk->nki' });
  expect(cost(labels)).toMatchObject({ multiplyAdds: 6 * 5 * 7 });
  expect(cost((b, x) => b.op('ReduceSum', [x, b.ints([2])]))).toEqual({
    multiplyAdds: 0,
    flops: 30,
    peakBytes: 24,
  });
});

test('a shape that is not known is named', () => {
  const b = new GraphBuilder();
  b.output(b.op('Relu', [b.input('x', 'float32', ['N', 3, 'H', 'W'])]), 'y');
  expect(costOf(b.finish())).toBe('Relu');
});

const folder = path.join(process.env['ADVARENA_SHARED'] ?? '../shared', 'data');

describe.skipIf(!existsSync(folder))('known networks (needs the shared models)', () => {
  const cost = (file: string): unknown =>
    costOf(readModel(readFileSync(path.join(folder, file)), { name: file }));

  test('a ResNet-20 at 32x32', () => {
    const first = 3 * 16 * 9 * 32 * 32;
    const narrow = 6 * (16 * 16 * 9) * 32 * 32;
    const middle = (16 * 32 + 5 * 32 * 32) * 9 * 16 * 16;
    const wide = (32 * 64 + 5 * 64 * 64) * 9 * 8 * 8;
    const multiplyAdds = first + narrow + middle + wide + 64 * 10;
    // Two tensors of 16 maps of 32x32 beside the one that is carried past a block.
    expect(cost('small-models/cifar10-resnet20.onnx')).toMatchObject({
      multiplyAdds,
      peakBytes: 3 * 4 * 16 * 32 * 32,
    });
  });

  test('MobileNet V2, as its paper has it (300 million)', () => {
    expect(cost('imagenet-models/mobilenet_v2.onnx')).toMatchObject({ multiplyAdds: 300_775_552 });
  });
});
