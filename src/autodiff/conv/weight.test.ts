import { expect, test } from 'vitest';
import { GraphBuilder } from '../../onnx/index.ts';
import { createSession } from '../../runtime/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { randomOf, sizeOf, tensor } from '../../tensor/index.ts';
import { convGeometry } from './geometry.ts';
import { swappedConv } from './weight.ts';
import { hasWeightProduct, weightProduct } from './weight-product.ts';
import { weightTaps } from './weight-taps.ts';

interface Case {
  cin: number;
  cout: number;
  kernel: readonly [number, number];
  size: readonly [number, number];
  pads?: readonly number[];
  group?: number;
  dilations?: readonly number[];
  strides?: readonly number[];
  faster: string[];
}

const cases: Case[] = [
  // Large images, one product per image; small ones, one product in all.
  { cin: 3, cout: 4, kernel: [3, 3], size: [32, 32], pads: [1, 1, 1, 1], faster: ['product', 'taps'] },
  { cin: 16, cout: 8, kernel: [3, 3], size: [5, 6], pads: [1, 1, 1, 1], faster: ['product', 'taps'] },
  { cin: 3, cout: 4, kernel: [2, 5], size: [20, 30], pads: [0, 3, 2, 0], faster: ['product', 'taps'] },
  { cin: 4, cout: 6, kernel: [3, 2], size: [9, 8], dilations: [2, 3], faster: ['product', 'taps'] },
  { cin: 2, cout: 3, kernel: [3, 3], size: [4, 4], pads: [3, 4, 0, 2], faster: ['product', 'taps'] },
  { cin: 8, cout: 4, kernel: [1, 1], size: [6, 7], faster: ['product', 'taps'] },
  { cin: 4, cout: 8, kernel: [1, 1], size: [7, 9], strides: [2, 3], faster: ['product', 'taps'] },
  { cin: 3, cout: 5, kernel: [3, 4], size: [9, 8], strides: [2, 3], pads: [1, 2, 0, 1], faster: ['taps'] },
  { cin: 3, cout: 5, kernel: [2, 3], size: [11, 12], strides: [2, 1], dilations: [2, 2], faster: ['taps'] },
  { cin: 6, cout: 6, group: 6, kernel: [3, 3], size: [8, 9], pads: [1, 1, 1, 1], faster: ['product'] },
  { cin: 4, cout: 6, group: 2, kernel: [3, 2], size: [8, 7], pads: [1, 0, 1, 1], faster: ['product'] },
];

function filled(name: string, shape: readonly number[]): Tensor {
  const data = new Float32Array(sizeOf(shape));
  randomOf(1, 'test').stream('', name).fillNormal(data, 0, 1);
  return tensor(data, shape);
}

test.for(cases)('products are the swapped convolution: %j', async (c) => {
  const b = new GraphBuilder();
  const { group = 1, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] } = c;
  const shape = [c.cout, c.cin / group, ...c.kernel];
  const x = b.input('x', 'float32', ['N', c.cin, ...c.size]);
  const w = b.constant(filled('w', shape));
  b.op('Conv', [x, w], { group, strides, dilations, pads });
  const g = convGeometry(b, b.nodes.at(-1) as (typeof b.nodes)[number]);
  const dy = b.input('dy', 'float32', ['N', c.cout, ...g.output]);
  b.output(swappedConv(b, x, dy, g), 'swapped');
  if (hasWeightProduct(g)) b.output(weightProduct(b, x, dy, g), 'product');
  if (group === 1) b.output(weightTaps(b, x, dy, g), 'taps');
  const session = await createSession(b.finish(), { name: 'weights' });
  const feeds = { x: filled('x', [3, c.cin, ...c.size]), dy: filled('dy', [3, c.cout, ...g.output]) };
  const out = (await session.run(feeds)) as Record<string, Tensor>;
  await session.release();
  const { swapped, ...faster } = out;
  expect(Object.keys(faster)).toEqual(c.faster);
  const largest = Math.max(...(swapped?.data ?? []).map(Math.abs));
  for (const [name, { shape: own, data }] of Object.entries(faster)) {
    expect({ name, own }).toEqual({ name, own: shape });
    for (const [i, v] of data.entries())
      expect(Math.abs(v - (swapped?.data[i] as number)) / largest).toBeLessThan(1e-5);
  }
});
