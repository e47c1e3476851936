import { expect, test } from 'vitest';
import { GraphBuilder } from '../../onnx/index.ts';
import { createSession } from '../../runtime/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { sizeOf, source, tensor } from '../../tensor/index.ts';
import { convGeometry } from './geometry.ts';
import { swappedConv } from './weight.ts';
import { hasWeightProduct, weightProduct } from './weight-product.ts';

interface Case {
  cin: number;
  cout: number;
  kernel: readonly [number, number];
  size: readonly [number, number];
  pads?: readonly number[];
  group?: number;
  dilations?: readonly number[];
  strides?: readonly number[];
}

const cases: Case[] = [
  // Large images, one product per image; small ones, one product in all.
  { cin: 3, cout: 4, kernel: [3, 3], size: [32, 32], pads: [1, 1, 1, 1] },
  { cin: 16, cout: 8, kernel: [3, 3], size: [5, 6], pads: [1, 1, 1, 1] },
  { cin: 3, cout: 4, kernel: [2, 5], size: [20, 30], pads: [0, 3, 2, 0] },
  { cin: 4, cout: 6, kernel: [3, 2], size: [9, 8], dilations: [2, 3] },
  { cin: 2, cout: 3, kernel: [3, 3], size: [4, 4], pads: [3, 4, 0, 2] },
  { cin: 8, cout: 4, kernel: [1, 1], size: [6, 7] },
  { cin: 4, cout: 8, kernel: [1, 1], size: [7, 9], strides: [2, 3] },
  { cin: 6, cout: 6, group: 6, kernel: [3, 3], size: [8, 9], pads: [1, 1, 1, 1] },
  { cin: 4, cout: 6, group: 2, kernel: [3, 2], size: [8, 7], pads: [1, 0, 1, 1] },
];

function filled(name: string, shape: readonly number[]): Tensor {
  const data = new Float32Array(sizeOf(shape));
  source(1, 'test').stream('', name).fillNormal(data, 0, 1);
  return tensor(data, shape);
}

test.for(cases)('the product is the swapped convolution: %j', async (c) => {
  const b = new GraphBuilder();
  const { group = 1, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] } = c;
  const shape = [c.cout, c.cin / group, ...c.kernel];
  const x = b.input('x', 'float32', ['N', c.cin, ...c.size]);
  const w = b.constant(filled('w', shape));
  b.op('Conv', [x, w], { group, strides, dilations, pads });
  const g = convGeometry(b, b.nodes.at(-1) as (typeof b.nodes)[number]);
  expect(hasWeightProduct(g)).toBe(true);
  const dy = b.input('dy', 'float32', ['N', c.cout, ...g.output]);
  b.output(weightProduct(b, x, dy, g), 'product');
  b.output(swappedConv(b, x, dy, g), 'swapped');
  const session = await createSession(b.finish(), { name: 'weights' });
  const feeds = { x: filled('x', [3, c.cin, ...c.size]), dy: filled('dy', [3, c.cout, ...g.output]) };
  const out = (await session.run(feeds)) as Record<string, Tensor>;
  await session.release();
  expect(out['product']?.shape).toEqual(shape);
  expect(out['swapped']?.shape).toEqual(shape);
  const largest = Math.max(...(out['swapped']?.data ?? []).map(Math.abs));
  for (const [i, v] of (out['swapped'] as Tensor).data.entries())
    expect(Math.abs((out['product']?.data[i] as number) - v) / largest).toBeLessThan(1e-5);
});

test('strides beyond 1×1 are left to the swapped convolution', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 2, 8, 8]);
  b.op('Conv', [x, b.constant(filled('w', [3, 2, 3, 3]))], { strides: [2, 2] });
  expect(hasWeightProduct(convGeometry(b, b.nodes.at(-1) as (typeof b.nodes)[number]))).toBe(false);
});
