import { expect, test } from 'vitest';
import { renderRoadsign } from '../data/index.ts';
import type { JobContext } from '../runtime/index.ts';
import { render } from './render.ts';

const context = { pause: async () => undefined } as unknown as JobContext;
const work = { part: 'train', seed: 3 } as const;
const size = 3 * 64 * 64;

test('photographs come in their order, with their labels behind them, their signs hidden where that is asked', async () => {
  const bytes = await render({ ...work, from: 1, to: 3 }, context);
  const grey = await render({ ...work, from: 1, to: 3, greySign: true }, context);
  for (const [k, index] of [1, 2].entries()) {
    const { image, label } = await renderRoadsign({ ...work, index });
    expect(bytes.subarray(k * size, (k + 1) * size)).toEqual(image);
    expect(grey.subarray(k * size, (k + 1) * size)).not.toEqual(image);
    expect([bytes[2 * size + k], grey[2 * size + k]]).toEqual([label, label]);
  }
});
