import { expect, test } from 'vitest';
import { input, leaving, model, slope } from '../../test/affine-world.ts';
import { runAttack } from '../../test/run-attack.ts';
import { asked, scoresOf } from '../models/index.ts';
import { type Images, limitOf, rows, takeRows, tensor } from '../tensor/index.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { attackMargins } from './track.ts';

/** Greys of many distances to the border, on the side of class 0. */
const start: Images = tensor(
  Float32Array.from({ length: 4 * slope.length }, (_, k) => {
    const [row, i] = [Math.floor(k / slope.length), k % slope.length];
    return 0.5 - (0.02 + 0.02 * row) * Math.sign(slope[i] as number);
  }),
  [4, input.channels, input.height, input.width],
);
const classes = new Int32Array(4);

/** How far each is from the border, were there no pixel range. */
async function nearest(norm: 'l2' | 'linf'): Promise<Float64Array> {
  const dual = norm === 'l2' ? Math.hypot(...slope) : slope.reduce((a, w) => a + Math.abs(w), 0);
  const scores = scoresOf(await model.answers(asked(start)));
  return attackMargins(scores, { kind: 'untargeted', classes }).map((m) => -m / dual);
}

function run(images: Images, norm: 'l2' | 'linf', queries: number, options = {}) {
  return runAttack(hopSkipJump, {
    model,
    images,
    goal: { kind: 'untargeted', classes: new Int32Array(images.shape[0] as number) },
    limit: limitOf({ norm, epsilon: 'free' }, images, { pixels: 'float32' }),
    queries,
    options,
  });
}

test.for(['l2', 'linf'] as const)('it comes to the border of an affine model (%s)', async (norm) => {
  const { images, meter } = await run(start, norm, 4000);
  const distances = limitOf({ norm, epsilon: 'free' }, start, { pixels: 'float32' }).distance(images);
  const optimum = await nearest(norm);
  for (const [i, d] of distances.entries()) {
    expect(optimum[i]).toBeGreaterThan(0.01);
    expect(d / (optimum[i] as number)).toBeGreaterThan(1 - 1e-4);
    expect(d / (optimum[i] as number)).toBeLessThan(1.02);
  }
  expect([...meter.counts.decisions.values()]).toEqual([4000, 4000, 4000, 4000]);
});

// One norm over the batch (Foolbox) would leave each image's step to its neighbours.
test('an image alone is given what it is given among others, to the bit', async () => {
  const { images: together } = await run(start, 'l2', 700);
  const alone = await runAttack(hopSkipJump, {
    model,
    images: takeRows(start, [2]),
    ids: ['image2'],
    goal: { kind: 'untargeted', classes: new Int32Array(1) },
    limit: limitOf({ norm: 'l2', epsilon: 'free' }, takeRows(start, [2]), { pixels: 'float32' }),
    queries: 700,
  });
  expect(alone.images.data).toEqual(rows(together, 2, 3).data);
});

// At distance zero ART divides by it, and Foolbox does not end.
test('an image that is wrong as it is stays', async () => {
  const task = leaving(1, { norm: 'l2', epsilon: 'free' });
  const own = (await model.answers(asked(task.images))).classes[0] as number;
  const goal = { kind: 'untargeted', classes: Int32Array.of(1 - own) } as const;
  const { images } = await runAttack(hopSkipJump, { ...task, goal, queries: 50 });
  expect(images).toEqual(task.images);
});

// The mean taken off one answer leaves nothing of it: bisections alone then gain 4 %.
test('where all neighbours answer alike, no mean is taken off them', async () => {
  const limit = limitOf({ norm: 'l2', epsilon: 'free' }, start, { pixels: 'float32' });
  const after = async (queries: number) =>
    limit.distance((await run(start, 'l2', queries, { neighbours: 1, most: 1 })).images);
  const [soon, later] = [await after(60), await after(5000)];
  for (const [i, d] of later.entries()) expect(d).toBeLessThan(0.9 * (soon[i] as number));
});
