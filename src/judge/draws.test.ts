import { expect, test } from 'vitest';
import { z } from 'zod';
import { told } from '../../test/told.ts';
import { defineAttack, noop } from '../attacks/index.ts';
import type { Asked, Classifier } from '../models/index.ts';
import { clone, rows, tensor, toFloat } from '../tensor/index.ts';
import { attack } from './attack.ts';
import { predictWith } from './jobs.ts';

/** Answers 1 where the first pixel is above a level that rises with the draw: 100, 150, 200; above 250 it abstains. */
function rising(change: Partial<Classifier> = {}): Classifier {
  const classOf = (level: number, draw: number): number =>
    level > 250 ? -1 : Number(level > 100 + 50 * draw);
  return {
    name: 'rising',
    input: { channels: 1, height: 1, width: 1 },
    classes: 3,
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    rowsPerRun: 64,
    random: true,
    depth: 1,
    answers: ({ images, draw }: Asked) =>
      Promise.resolve({
        classes: Int32Array.from(draw, (d, i) => classOf(Math.round((images.data[i] as number) * 255), d)),
      }),
    gradient: () => Promise.reject(new Error('it has none')),
    release: () => Promise.resolve(),
    ...change,
  };
}

/** Makes every pixel so many levels darker. */
const darker = (levels: number) =>
  defineAttack({
    ...noop,
    options: z.strictObject({}),
    // oxlint-disable-next-line require-yield -- it has no steps
    async *run({ batch }) {
      const images = clone(batch.images);
      for (let i = 0; i < images.data.length; i++) images.data[i] = (images.data[i] as number) - levels / 255;
      return images;
    },
  });

const levels = [90, 120, 160, 220, 245];
const images = tensor(Uint8Array.from(levels), [5, 1, 1, 1], 'uint8');
const labels = [1, 1, 1, 1, 1];
const request = { images, labels, epsilon: 0.1, draws: 3 };

test('figures are means over the draws, and shares of images in some and in all of them', async () => {
  // Right when clean in 0, 1, 2, 3, 3 draws of 3; twenty levels darker in 0, 0, 1, 2, 3.
  const result = await attack(rising(), darker(20), request);
  expect(result).toMatchObject({
    draws: 3,
    cleanAccuracy: 9 / 15,
    robustAccuracy: 6 / 15,
    robustInAny: 3 / 5,
    robustInAll: 1 / 5,
  });
  expect(result.abstained).toBeUndefined();
  expect(result.samples.map((s) => s.draws)).toEqual([
    { clean: 0, adversarial: 0, success: 0 },
    { clean: 1 / 3, adversarial: 0, success: 1 / 3 },
    { clean: 2 / 3, adversarial: 1 / 3, success: 1 / 3 },
    { clean: 1, adversarial: 2 / 3, success: 1 / 3 },
    { clean: 1, adversarial: 1, success: 0 },
  ]);
  // What is of one image alone is of the first draw.
  expect(result.samples.map((s) => [s.clean, s.adversarial, s.success])).toEqual([
    [0, 0, false],
    [1, 0, true],
    [1, 1, false],
    [1, 1, false],
    [1, 1, false],
  ]);
});

test('of a random model what counts is right when attacked: draws about two images have nothing in common', async () => {
  // Brighter by 20: image 0 is right in draw 0 when attacked, and never when clean.
  const result = await attack(rising(), darker(-20), { ...request, labels: [1, 1, 1, 1, 0] });
  expect(result.samples.map((s) => s.draws?.adversarial)).toEqual([1 / 3, 1 / 3, 2 / 3, 1, 0]);
  expect([result.robustInAny, result.robustInAll]).toEqual([4 / 5, 1 / 5]);
  expect(result.robustAccuracy).toBe((1 + 1 + 2 + 3) / 15);
});

test('early stop is refused where one draw says little of the next', async () => {
  const early = { ...request, stopEarly: true };
  expect(await told({ 'early stop': () => attack(rising(), darker(20), early) })).toMatchInlineSnapshot(
    `"early stop: STOP_EARLY rising draws at random: what fools it once may not again. | Leave early stop out for random models."`,
  );
});

test('targets are reached per draw', async () => {
  const result = await attack(rising(), darker(20), {
    ...request,
    goal: 'targeted',
    targets: [0, 0, 0, 0, 0],
  });
  expect(result.samples.map((s) => s.draws?.success)).toEqual([1, 1, 2 / 3, 1 / 3, 0]);
});

test('an abstention is neither right nor a success, and counted as a share of the draws', async () => {
  const result = await attack(rising(), darker(-20), { ...request, labels: [1, 1, 1, 1, 1] });
  expect(result.abstained).toEqual({ clean: 0, adversarial: 1 / 5, robust: 10 / 15 });
  expect(result.samples[4]).toMatchObject({ adversarial: -1, success: false });
  expect(result.samples[4]?.draws).toEqual({ clean: 1, adversarial: 0, success: 0 });
  expect(result.samples[4]?.margin).toBeNaN();
});

test('a model that is not random is asked once, whatever number is given', async () => {
  let asked = 0;
  const model = rising();
  const steady = rising({
    random: false,
    answers: (q) => {
      asked += q.ids.length;
      return model.answers(q);
    },
  });
  const result = await attack(steady, darker(20), request);
  expect(asked).toBe(2 * 5);
  expect(result.draws).toBe(1);
  for (const key of ['robustInAny', 'robustInAll']) expect(result).not.toHaveProperty(key);
  expect(result.samples[0]).not.toHaveProperty('draws');
});

test('whoever asks a random model is told that it draws, and of how many draws', async () => {
  const flagsOf = async (model: Classifier): Promise<unknown> =>
    (await predictWith(model, { ids: ['a'], images: toFloat(rows(images, 0, 1)), draws: 3 })).flags;
  const said = { code: 'RANDOM', message: 'rising draws at random: figures are over 3 of its draws.' };
  const own = { code: 'RANDOM', message: 'rising draws random numbers.' };
  expect(await flagsOf(rising())).toEqual([said]);
  expect(await flagsOf(rising({ random: false }))).toEqual([]);
  expect(await flagsOf({ ...rising(), flags: [own] })).toEqual([own]);
});
