import { expect, test } from 'vitest';
import { asked, crossEntropy, labelTensor, over } from '../../models/index.ts';
import { randomOf, rows, tensor } from '../../tensor/index.ts';
import { convNet, type TrainingBatch, weightsOf } from '../../training/index.ts';
import { classifierOf } from './craft.ts';
import { adversarialTraining, ensembleAdversarialTraining } from './index.ts';

const network = convNet({ classes: 4, height: 8, width: 8, widths: [8, 8], seed: 1 });
const weights = weightsOf(network);
const context = { network, sources: [], seed: 7 };

function batchOf(count: number, from = 0): TrainingBatch {
  const images = tensor(new Float32Array(count * 192), [count, 3, 8, 8]);
  const ids = Array.from({ length: count }, (_, i) => `image ${from + i}`);
  for (const [i, id] of ids.entries())
    randomOf(1, 'test')
      .stream(id, 'image')
      .fillUniform(rows(images, i, i + 1).data, 0, 1);
  return { images, ids, labels: Int32Array.from(ids, (_, i) => (from + i) % 4) };
}

function largest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] as number))), 0);
}

async function lossOf(batch: TrainingBatch): Promise<number[]> {
  const model = classifierOf(network, weights);
  const given = { labels: labelTensor(Int32Array.from(batch.labels ?? [])) };
  const { value } = await model.gradient(asked(batch.images, batch.ids), crossEntropy(), given);
  await model.release();
  return Array.from(value);
}

test('adversarial training: all images inside the ball, with a higher loss, labels as they were', async () => {
  const clean = batchOf(8);
  const before = clean.images.data.slice();
  const options = { epsilon: 8 / 255, steps: 3, stepSize: 4 / 255, share: 1, rise: 0 };
  const hard = await adversarialTraining.open(context, options)(clean, 5, weights);
  expect(clean.images.data).toEqual(before);
  expect(hard.labels).toEqual(clean.labels);
  expect(largest(hard.images.data, before)).toBeLessThan(8.01 / 255);
  expect(largest(hard.images.data, before)).toBeGreaterThan(7.9 / 255);
  expect(Math.min(...hard.images.data)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...hard.images.data)).toBeLessThanOrEqual(1);
  const [low, high] = [await lossOf(clean), await lossOf(hard)];
  for (const [i, loss] of high.entries()) expect(loss).toBeGreaterThan(low[i] as number);
});

test('adversarial training: an image depends on its id and the step, not on its batch', async () => {
  const change = adversarialTraining.open(context, { epsilon: 8 / 255, steps: 2, share: 1, rise: 0 });
  const whole = await change(batchOf(6), 3, weights);
  const part = await change(batchOf(2, 4), 3, weights);
  expect(part.images.data).toEqual(rows(whole.images, 4, 6).data);
  const later = await change(batchOf(6), 4, weights);
  expect(later.images.data).not.toEqual(whole.images.data);
});

test('adversarial training: epsilon rises in a straight line', async () => {
  const change = adversarialTraining.open(context, { epsilon: 0.1, steps: 2, share: 0.5, rise: 10 });
  const clean = batchOf(4);
  for (const [step, share] of [
    [0, 0.1],
    [4, 0.5],
    [9, 1],
    [30, 1],
  ] as const) {
    const { images } = await change(clean, step, weights);
    expect(rows(images, 2, 4).data).toEqual(rows(clean.images, 2, 4).data);
    expect(largest(images.data, clean.images.data)).toBeCloseTo(0.1 * share, 3);
  }
});

test('ensemble adversarial training: half of a batch changes, and every network has its turn', async () => {
  const other = classifierOf(convNet({ classes: 4, height: 8, width: 8, widths: [8], seed: 2 }), {});
  let count = 0;
  const counted = over(other, {
    gradient: (...words) => {
      count++;
      return other.gradient(...words);
    },
  });
  const change = ensembleAdversarialTraining.open(
    { ...context, sources: [counted] },
    { epsilon: 0.1, share: 0.5 },
  );
  const clean = batchOf(8);
  const radii: number[] = [];
  for (let step = 0; step < 20; step++) {
    const { images } = await change(clean, step, weights);
    expect(rows(images, 4, 8).data).toEqual(rows(clean.images, 4, 8).data);
    radii.push(largest(images.data, clean.images.data));
  }
  await other.release();
  expect(count).toBeGreaterThan(3);
  expect(count).toBeLessThan(17);
  expect(Math.max(...radii)).toBeLessThan(0.1001);
  expect(new Set(radii.map((r) => r.toFixed(4))).size).toBeGreaterThan(10);
});
