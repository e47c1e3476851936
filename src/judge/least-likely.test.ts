import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersIn, type Grounds, openGrounds, smallRulesWith } from '../../test/grounds.ts';
import { pgd } from '../attacks/index.ts';
import { asked, type Classifier, loadModel, scoresOf } from '../models/index.ts';
import { toFloat } from '../tensor/index.ts';
import { attack } from './attack.ts';

// The true label is the class that the model finds least likely of all: an attack towards it would mend the answers.

let grounds: Grounds;
let model: Classifier;
let given: Awaited<ReturnType<Grounds['images']>>;
/** Classes of each image, the least likely first. */
let order: number[][];

beforeAll(async () => {
  grounds = await openGrounds();
  given = await grounds.images();
  model = await loadModel(join(grounds.root, 'one.onnx'));
  const { data } = scoresOf(await model.answers(asked(toFloat(given.images), given.ids)));
  order = given.ids.map((_, i) => {
    const own = [...data.subarray(i * 10, (i + 1) * 10)];
    return own.map((_, k) => k).toSorted((a, b) => (own[a] as number) - (own[b] as number));
  });
});
afterAll(async () => {
  await model.release();
  await grounds[Symbol.asyncDispose]();
});

const options = { steps: 10 };
const request = () => ({
  images: given.images,
  ids: given.ids,
  labels: order.map((classes) => classes[0] as number),
  epsilon: 100 / 255,
  goal: 'least-likely' as const,
  options,
  seed: 7,
  hosts: grounds.hosts,
});

describe('least likely', () => {
  test('is the least likely of the other classes', async () => {
    const { samples } = await attack(model, pgd, request());
    expect(samples.map((s) => s.target)).toEqual(order.map((classes) => classes[1]));
    expect(samples.map((s) => s.success)).toEqual(samples.map((s) => s.adversarial === s.target));
    expect(samples.filter((s) => s.success).length).toBeGreaterThan(12);
  });

  test('where the attack is told no labels, the true one may be it, and reaching that is no success', async () => {
    const result = await attack(model, pgd, { ...request(), labelsFrom: 'predicted' });
    expect(result.samples.map((s) => s.target)).toEqual(order.map((classes) => classes[0]));
    expect(result.samples.filter((s) => s.adversarial === s.label).length).toBeGreaterThan(12);
    expect(result.samples.map((s) => s.success)).not.toContain(true);
  });

  test('is the same in a tournament', async () => {
    const rows = given.ids.map((id, i) => `${id},${order[i]?.[0]}`);
    await writeFile(join(grounds.root, 'least.csv'), ['id,label', ...rows].join('\n'));
    const held = await grounds.hold(
      'least',
      smallRulesWith({
        dataset: { images: 'images', labels: 'least.csv' },
        epsilons: ['100/255'],
        attacks: { least: { attack: 'pgd', sources: 'one', goal: 'least-likely', options } },
        defenses: { one: { model: 'one' } },
      }),
    );
    const { samples } = await attack(model, pgd, request());
    const lines = (await answersIn(held)).filter((l) => l.attack === 'least');
    expect(lines.map((l) => Number(l.answer))).toEqual(samples.map((s) => s.adversarial));
    expect(held.result.cells[0]?.error).toBe(1);
  });
});
