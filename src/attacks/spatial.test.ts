import { expect, test } from 'vitest';
import { climb } from '../../test/affine-world.ts';
import { type Motion, moved, spatial } from './spatial.ts';

const still: Motion = { degree: 0, down: 0, right: 0, padding: 'black' };
const image = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9], (v) => v / 10);
const near = (a: Float32Array, b: readonly number[]): void => {
  for (const [i, v] of b.entries()) expect(a[i]).toBeCloseTo(v / 10, 5);
};

test('no motion is the image, and a quarter of a turn puts each pixel on another', () => {
  expect(moved(image, [1, 3, 3], still)).toEqual(image);
  // Counterclockwise: the right column becomes the upper row.
  near(moved(image, [1, 3, 3], { ...still, degree: 90 }), [3, 6, 9, 2, 5, 8, 1, 4, 7]);
  near(moved(image, [1, 3, 3], { ...still, degree: -90 }), [7, 4, 1, 8, 5, 2, 9, 6, 3]);
});

test('a translation moves pixels down and right, by halves to between two, and leaves black or the border behind', () => {
  near(moved(image, [1, 3, 3], { ...still, down: 1 }), [0, 0, 0, 1, 2, 3, 4, 5, 6]);
  near(moved(image, [1, 3, 3], { ...still, right: 1 }), [0, 1, 2, 0, 4, 5, 0, 7, 8]);
  near(moved(image, [1, 3, 3], { ...still, right: 0.5 }), [0.5, 1.5, 2.5, 2, 4.5, 5.5, 3.5, 7.5, 8.5]);
  near(moved(image, [1, 3, 3], { ...still, right: 1, padding: 'edge' }), [1, 1, 2, 4, 4, 5, 7, 7, 8]);
});

test('it asks about the image, and then about all others of the grid', async () => {
  const options = { angles: 3, shifts: 3 };
  const { meter } = await climb(spatial, 1, { norm: 'linf', epsilon: 'free' }, { options });
  expect([...meter.counts.decisions.values()]).toEqual([27]);
});
