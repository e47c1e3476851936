import { describe, expect, test } from 'vitest';
import { told } from '../../test/told.ts';
import type { Tensor } from '../tensor/index.ts';
import { randomOf, tensor } from '../tensor/index.ts';
import { augment, constant, cosine, oneCycle, shuffled, warmUp } from './index.ts';

const ids = Array.from({ length: 10 }, (_, i) => `image${i}`);
const labels = ids.map((_, i) => i);

/** Images [10, 1, 4, 6] whose pixels tell image and place. */
function numbered(): Tensor {
  return tensor(
    Float32Array.from({ length: 240 }, (_, i) => 1 + i),
    [10, 1, 4, 6],
  );
}

describe('batches', () => {
  const examples = { ids, labels, images: numbered() };

  test('an epoch shows every example once, the next in another order', () => {
    const batches = shuffled(examples, { size: 5, seed: 1 });
    const epochs = [0, 1].map((e) => [0, 1].flatMap((s) => Array.from(batches(2 * e + s).labels ?? [])));
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(labels);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]).not.toEqual(labels);
  });

  test('a batch depends on its step, not on those before', () => {
    const options = { size: 3, seed: 1, augmentation: { flip: true, shift: 1 } };
    const batches = shuffled(examples, options);
    const all = [0, 1, 2, 3, 4, 5, 6].map(batches);
    expect(shuffled(examples, options)(5)).toEqual(all[5]);
    expect(batches(1)).toEqual(all[1]);
    expect(examples.images).toEqual(numbered());
  });

  test('too few examples are refused', async () => {
    expect(await told({ '11 of 10': () => shuffled(examples, { size: 11, seed: 1 }) })).toMatchInlineSnapshot(
      `"11 of 10: TRAINING_BATCH 10 examples do not fill a batch of 11. | Take smaller batches or more examples."`,
    );
  });
});

describe('augmentation', () => {
  const changed = (options: Parameters<typeof augment>[3]): Tensor => {
    const images = numbered();
    augment(images, ids, 3, options, randomOf(1, 'test'));
    return images;
  };
  const image = (t: Tensor, n: number): number[] => Array.from(t.data.subarray(24 * n, 24 * (n + 1)));

  test('none changes nothing', () => {
    expect(changed({})).toEqual(numbered());
  });

  test('mirrors some, each as a whole', () => {
    const flipped = changed({ flip: true });
    const mirrored = ids.map((_, n) => {
      const before = image(numbered(), n);
      const mirror = before.map((_v, i) => before[6 * Math.floor(i / 6) + 5 - (i % 6)] as number);
      const after = image(flipped, n);
      if (after.join() === mirror.join()) return true;
      expect(after).toEqual(before);
      return false;
    });
    expect(new Set(mirrored).size).toBe(2);
  });

  test('moves each by whole pixels within the limit', () => {
    const moved = changed({ shift: 2 });
    const moves = ids.map((_, n) => {
      const [before, after] = [image(numbered(), n), image(moved, n)];
      const first = after.findIndex((v) => v !== 0);
      const from = before.indexOf(after[first] as number);
      const dy = Math.floor(first / 6) - Math.floor(from / 6);
      const dx = (first % 6) - (from % 6);
      expect(Math.max(Math.abs(dy), Math.abs(dx))).toBeLessThanOrEqual(2);
      for (const [i, v] of after.entries()) {
        const [y, x] = [Math.floor(i / 6) - dy, (i % 6) - dx];
        expect(v).toBe(y < 0 || y > 3 || x < 0 || x > 5 ? 0 : before[6 * y + x]);
      }
      return `${dy},${dx}`;
    });
    expect(new Set(moves).size).toBeGreaterThan(3);
  });

  test('cuts out one square at most, in grey', () => {
    const cut = changed({ cutout: 2 });
    for (const n of ids.keys()) {
      const holes = image(cut, n).filter((v, i) => v !== image(numbered(), n)[i]);
      expect(holes.length).toBeGreaterThan(0);
      expect(holes.length).toBeLessThanOrEqual(4);
      expect(new Set(holes)).toEqual(new Set([0.5]));
    }
  });

  test('the numbers of an image do not depend on its batch', () => {
    const options = { flip: true, shift: 2, cutout: 2 };
    const alone = tensor(numbered().data.slice(24 * 4, 24 * 5), [1, 1, 4, 6]);
    augment(alone, [ids[4] as string], 3, options, randomOf(1, 'test'));
    expect(Array.from(alone.data)).toEqual(image(changed(options), 4));
  });
});

test('schedules', () => {
  expect([0, 5].map(constant(0.1))).toEqual([0.1, 0.1]);
  const falling = [0, 50, 100].map(cosine({ rate: 1, steps: 101, final: 0.2 }));
  for (const [i, v] of [1, 0.6, 0.2].entries()) expect(falling[i]).toBeCloseTo(v, 12);
  const cycle = [0, 15, 30, 65, 100].map(oneCycle({ rate: 1, steps: 101 }));
  for (const [i, v] of [0.04, 0.52, 1, (1 + 4e-6) / 2, 4e-6].entries()) expect(cycle[i]).toBeCloseTo(v, 12);
  expect([0, 1, 3, 4, 9].map(warmUp(constant(2), 4))).toEqual([0.5, 1, 2, 2, 2]);
});
