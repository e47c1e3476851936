import { expect, test } from 'vitest';
import { runAttack, type Task } from '../../test/run-attack.ts';
import { filled, tinyModel } from '../../test/small-models.ts';
import { asked, scoresOf } from '../models/index.ts';
import { clone, type Images, limitOf } from '../tensor/index.ts';
import type { Goal } from './define.ts';
import { alongFeatures, intermediateLevel } from './intermediate-level.ts';
import { miFgsm } from './mi-fgsm.ts';

const model = tinyModel();
const images = filled('pixels', [3, 3, 16, 16]);
const epsilon = 0.03;

const task = (goal: Goal['kind'], options: Record<string, unknown>): Task => ({
  model,
  images,
  goal: { kind: goal, classes: Int32Array.of(1, 4, 7) },
  limit: limitOf({ norm: 'linf', epsilon }, images, { pixels: 'float32' }),
  options,
});

const logits = async (of: Images): Promise<Float32Array> => scoresOf(await model.answers(asked(of))).data;

/** u·v, ‖u‖ and ‖v‖ per image, u the change of the logits to `to` and v that to `attacked`. */
async function changes(to: Images, attacked: Images): Promise<[number, number, number][]> {
  const [clean, now, first] = [await logits(images), await logits(to), await logits(attacked)];
  return [0, 1, 2].map((row) => {
    const part = (x: Float32Array): number[] =>
      Array.from({ length: 10 }, (_, k) => (x[10 * row + k] as number) - (clean[10 * row + k] as number));
    const [u, v] = [part(now), part(first)];
    return [u.reduce((sum, a, k) => sum + a * (v[k] as number), 0), Math.hypot(...u), Math.hypot(...v)];
  });
}

test.for(['untargeted', 'targeted'] as const)('without steps is its first attack (%s)', async (goal) => {
  const first = await runAttack(miFgsm, task(goal, {}));
  expect((await runAttack(intermediateLevel, task(goal, { steps: 0 }))).images).toEqual(first.images);
});

test.for([
  ['untargeted', 'first'],
  ['untargeted', 'clean'],
  ['targeted', 'first'],
] as const)(
  'goes further along the change of the layer with each step (%s, from %s)',
  async ([goal, from]) => {
    const attacked = (await runAttack(miFgsm, task(goal, {}))).images;
    const walk: Images[] = [];
    // The first steps are those of the first attack.
    await runAttack(intermediateLevel, task(goal, { from, stepSize: epsilon / 20 }), (x) =>
      walk.push(clone(x)),
    );
    const after = walk.slice(-10);
    let before = (await changes(from === 'first' ? attacked : images, attacked)).map(([dot]) => dot);
    for (const step of after) {
      const now = (await changes(step, attacked)).map(([dot]) => dot);
      for (const [i, dot] of now.entries()) expect(dot).toBeGreaterThan(before[i] as number);
      before = now;
    }
  },
);

test('its objectives are the length along the change, and the angle to it beside the length', async () => {
  const [to, attacked] = [filled('to', images.shape), filled('attacked', images.shape)];
  const at = (magnitude?: number) =>
    model.gradient(asked(to), alongFeatures('logits', magnitude), { clean: images, attacked });
  const [projection, flexible] = [await at(), await at(0.7)];
  for (const [i, [dot, u, v]] of (await changes(to, attacked)).entries()) {
    expect(projection.value[i]).toBeCloseTo(dot, 3);
    expect(flexible.value[i]).toBeCloseTo(dot / (u * v) + (0.7 * u) / v, 4);
  }
});

test('the flexible loss climbs too, also from the clean image, where the angle is none', async () => {
  for (const from of ['first', 'clean']) {
    const options = { from, loss: 'flexible', stepSize: epsilon / 20 };
    const attacked = (await runAttack(miFgsm, task('untargeted', {}))).images;
    const { images: found } = await runAttack(intermediateLevel, task('untargeted', options));
    const start = await changes(from === 'first' ? attacked : images, attacked);
    for (const [i, [dot, u, v]] of (await changes(found, attacked)).entries()) {
      const [dot0, u0, v0] = start[i] as [number, number, number];
      expect(dot / (u * v) + u / v).toBeGreaterThan((u0 === 0 ? 0 : dot0 / (u0 * v0)) + u0 / v0);
    }
  }
});
