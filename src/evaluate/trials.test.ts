import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallNetwork, writeSmall } from '../../test/small-arena.ts';
import { asked, loadModel } from '../models/index.ts';
import { openHosts } from '../runtime/index.ts';
import { randomOf, type Tensor, toFloat } from '../tensor/index.ts';
import { holdTrial, standardTrials } from './trials.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-trials-'));
const count = 6;
const ids = Array.from({ length: count }, (_, i) => `image${i}`);
const images: Tensor<'uint8'> = {
  dtype: 'uint8',
  shape: [count, 3, 8, 8],
  data: Uint8Array.from({ length: count * 192 }, (_, i) =>
    randomOf(1, 'trials').stream(String(i), 'pixel').integer(256),
  ),
};
let model: Awaited<ReturnType<typeof loadModel>>;

beforeAll(async () => {
  model = await loadModel(await writeSmall(folder, 'one', smallNetwork('one')));
});
afterAll(async () => {
  await model.release();
  rmSync(folder, { recursive: true });
});

test('what every network is tried with first', () => {
  expect(standardTrials()).toEqual([
    { name: 'fgsm 2/255', attack: 'fgsm', epsilon: 2 / 255 },
    { name: 'fgsm 4/255', attack: 'fgsm', epsilon: 4 / 255 },
    { name: 'fgsm 8/255', attack: 'fgsm', epsilon: 8 / 255 },
    { name: 'pgd-20 2/255', attack: 'pgd', options: { steps: 20 }, epsilon: 2 / 255 },
    { name: 'pgd-20 4/255', attack: 'pgd', options: { steps: 20 }, epsilon: 4 / 255 },
    { name: 'pgd-20 8/255', attack: 'pgd', options: { steps: 20 }, epsilon: 8 / 255 },
  ]);
});

test('a trial tells of each image whether the answer is right, and is still', async () => {
  await using hosts = openHosts({ count: 1 });
  const { classes } = await model.answers(asked(toFloat(images), ids));
  // One label is wrong: its image is right neither before nor after, wherever the attack leads.
  const labels = classes.map((answer, i) => (i === 2 ? (answer + 1) % 10 : answer));
  const hold = (attack: string, epsilon: number, more: object = {}) =>
    holdTrial(
      model,
      { name: '', attack, epsilon, ...more },
      { images, labels, ids, source: undefined, hosts },
    );
  expect(await hold('noop', 8 / 255)).toEqual({ clean: '110111', right: '110111' });
  expect(await hold('pgd', 1, { options: { steps: 5 } })).toEqual({ clean: '110111', right: '000000' });
});
