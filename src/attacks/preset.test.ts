import { describe, expect, test } from 'vitest';
import { greys, model, size, slope } from '../../test/affine-world.ts';
import { runAttack, type Task } from '../../test/run-attack.ts';
import { told } from '../../test/told.ts';
import { attack as judge } from '../judge/index.ts';
import { asked, type Classifier, over } from '../models/index.ts';
import { type Images, limitOf, rows } from '../tensor/index.ts';
import { bim } from './bim.ts';
import { ddn } from './ddn.ts';
import type { Attack } from './define.ts';
import { fgsm } from './fgsm.ts';
import { inTurn } from './in-turn.ts';
import { pgd } from './pgd.ts';
import { presetAttack } from './preset.ts';
import { pgdThenSquare } from './presets/index.ts';
import { priorGuided } from './prior-guided.ts';
import { square } from './square.ts';

const head = { name: 'recipe', title: 'Of the test', paper: 'none' };
const goal = { kind: 'untargeted', classes: new Int32Array(4) } as const;

/** Images of class 0 as far from the border as those shares of the most that an epsilon of 1 could gain. */
async function at(distances: readonly number[]): Promise<Images> {
  const images = greys(distances.length);
  const [own = 0, other = 0] = (await model.answers(asked(images))).scores?.data ?? [];
  const dual = slope.reduce((sum, w) => sum + Math.abs(w), 0);
  for (const [i, distance] of distances.entries()) {
    const by = (other - own) / dual + distance;
    const { data } = rows(images, i, i + 1);
    for (const [j, w] of slope.entries()) data[j] = (data[j] as number) - by * Math.sign(w);
  }
  return images;
}

/** The first and the third can be fooled. */
const images = await at([0.05, 0.2, 0.08, 0.3]);
const task: Task = {
  model,
  images,
  goal,
  limit: limitOf({ norm: 'linf', epsilon: 0.1 }, images, { pixels: 'float32' }),
};

/** The model, and the ids of each question of answers alone. */
function listening(): { model: Classifier; asks: string[][] } {
  const asks: string[][] = [];
  return {
    asks,
    model: over(model, {
      answers(q) {
        asks.push([...q.ids]);
        return model.answers(q);
      },
    }),
  };
}

const all = ['image0', 'image1', 'image2', 'image3'];

describe('pgd-then-square', () => {
  test('asks Square about what PGD left alone', async () => {
    const { model: watched, asks } = listening();
    const { meter } = await runAttack(pgdThenSquare, { ...task, model: watched, queries: { scores: 32 } });
    // PGD's last iterate, and who still stands; Square has what is left.
    const [last, standing, ...rest] = asks;
    expect(last).toEqual(all);
    expect(standing).toEqual(all);
    expect(rest).toEqual(Array.from({ length: 30 }, () => ['image1', 'image3']));
    expect([...meter.counts.gradients.values()]).toEqual([40, 40, 40, 40]);
  });

  test('keeps what fooled the model already', async () => {
    const { images: made } = await runAttack(pgdThenSquare, { ...task, queries: { scores: 10 } });
    expect([...(await model.answers(asked(made))).classes]).toEqual([1, 0, 1, 0]);
    const alone = await runAttack(pgdThenSquare, {
      ...task,
      images: rows(images, 0, 1),
      goal: { ...goal, classes: new Int32Array(1) },
      limit: task.limit.take([0]),
      queries: { scores: 10 },
    });
    expect(rows(made, 0, 1).data).toEqual(alone.images.data);
  });

  test('is over where nothing stands', async () => {
    const { model: watched, asks } = listening();
    const near = await at([0.05, 0.01, 0.08, 0.09]);
    const limit = limitOf({ norm: 'linf', epsilon: 0.1 }, near, { pixels: 'float32' });
    await runAttack(pgdThenSquare, { ...task, model: watched, images: near, limit });
    expect(asks).toEqual([all, all]);
  });
});

describe('parts', () => {
  test('stand by their images as they are judged', async () => {
    const outside: Attack = {
      ...bim,
      // oxlint-disable-next-line require-yield -- it has one step
      async *run({ batch }) {
        return {
          ...batch.images,
          data: batch.images.data.map((v, i) => v + Math.sign(slope[i % size] as number)),
        };
      },
    };
    const parts = [{ attack: outside }, { attack: fgsm, on: 'standing' }] as const;
    const made = await runAttack(presetAttack({ ...head, parts }), task);
    // Brought back into the ball, two of them fool the model; the others are the second part's.
    expect([...task.limit.outside(made.images)]).toEqual([1, 0, 1, 0]);
  });

  test('each begin at the clean images', async () => {
    const recipe = presetAttack({ ...head, parts: [{ attack: bim }, { attack: fgsm }] });
    expect((await runAttack(recipe, task)).images).toEqual((await runAttack(fgsm, task)).images);
  });

  test('have random numbers of their own', async () => {
    const options = { steps: 1, stepSize: 0.01 };
    const part = { attack: pgd, options };
    const one = (await runAttack(presetAttack({ ...head, parts: [part] }), task)).images;
    const two = (await runAttack(presetAttack({ ...head, parts: [part, part] }), task)).images;
    expect(two).not.toEqual(one);
    expect((await runAttack(pgd, { ...task, options })).images).not.toEqual(one);
  });

  test('have budgets of their own', async () => {
    const recipe = presetAttack({
      ...head,
      parts: [
        { attack: square, queries: 5 },
        { attack: square, queries: 7, on: 'standing' },
      ],
    });
    const { meter } = await runAttack(recipe, {
      ...task,
      limit: task.limit.within([0.01, 0.01, 0.01, 0.01]),
    });
    expect([...meter.counts.scores.values()]).toEqual([13, 13, 13, 13]);
  });

  test('have options of their own in a norm', async () => {
    const options = { steps: 3, randomStart: false };
    const inNorm = { l2: { steps: 7 } };
    const recipe = presetAttack({ ...head, parts: [{ attack: pgd, options, inNorm }] });
    const gradients = async (norm: 'linf' | 'l2'): Promise<number[]> => {
      const limit = limitOf({ norm, epsilon: 0.01 }, images, { pixels: 'float32' });
      const { meter } = await runAttack(recipe, { ...task, limit });
      return [...meter.counts.gradients.values()];
    };
    expect(await gradients('linf')).toEqual([3, 3, 3, 3]);
    expect(await gradients('l2')).toEqual([7, 7, 7, 7]);
  });

  test('decide what the whole asks and can do', () => {
    const recipe = presetAttack({ ...head, parts: [{ attack: square }, { attack: pgd }] });
    expect(recipe).toMatchObject({ access: 'gradient', norms: ['linf', 'l2', 'l1'], radius: 'fixed' });
    expect(recipe.goals).toEqual(['untargeted', 'targeted', 'least-likely']);
    expect(recipe.members).toBeUndefined();
    expect(recipe.opponent).toBeUndefined();
    const members = presetAttack({ ...head, parts: [{ attack: inTurn }, { attack: priorGuided }] });
    expect(members).toMatchObject({ members: true, opponent: 'scores', goals: ['untargeted', 'targeted'] });
    expect(presetAttack({ ...head, parts: [{ attack: ddn }] })).toMatchObject({
      radius: 'minimum',
      norms: ['l2'],
    });
  });

  test('are at least one', async () => {
    expect(await told({ 'no parts': () => presetAttack({ ...head, parts: [] }) })).toMatchInlineSnapshot(
      `"no parts: PRESET The preset recipe has no parts. | Name an attack."`,
    );
  });

  test('of minimum norm count within the radius of the others, and are asked without it', async () => {
    const recipe = presetAttack({ ...head, parts: [{ attack: fgsm }, { attack: ddn, on: 'standing' }] });
    expect(recipe).toMatchObject({ radius: 'fixed', norms: ['l2'] });
    const images = await at([0.05]);
    const distance = async (attack: Attack, epsilon: number | 'free'): Promise<number> => {
      const limit = limitOf({ norm: 'l2', epsilon }, images, { pixels: 'float32' });
      const leave = { kind: 'untargeted', classes: new Int32Array(1) } as const;
      const { images: made } = await runAttack(attack, { model, images, goal: leave, limit });
      return Math.hypot(...made.data.map((v, i) => v - (images.data[i] as number)));
    };
    const found = (epsilon: number): Promise<number> => distance(recipe, epsilon);
    const nearest = await distance(ddn, 'free');
    expect(nearest).toBeGreaterThan(0.01);
    expect(await found(1.2 * nearest)).toBeLessThanOrEqual(1.2 * nearest);
    // Not what lies in the direction of a find beyond: what the part before made.
    expect(await found(0.5 * nearest)).toBe(await distance(fgsm, 0.5 * nearest));
  });
});

describe('views', () => {
  const through = [{ name: 'scale', options: { copies: 3 } }];
  const recipe = presetAttack({ ...head, through, parts: [{ attack: bim }] });
  const request = { images, labels: goal.classes, epsilon: 0.1, pixels: 'float32' } as const;

  test('of a preset lie beneath it, as named beside its parts', async () => {
    const own = await judge(model, recipe, request);
    const named = await judge(model, bim, { ...request, through });
    expect(own.adversarial).toEqual(named.adversarial);
    expect(own.asked).toEqual(named.asked);
    expect(own.asked.gradients).toBe(4 * 10 * 3);
  });

  test('of the request lie outside them', async () => {
    const outside = [{ name: 'scale', options: { copies: 2 } }];
    const own = await judge(model, recipe, { ...request, through: outside });
    const named = await judge(model, bim, { ...request, through: [...outside, ...through] });
    expect(own.adversarial).toEqual(named.adversarial);
    expect(own.asked.gradients).toBe(4 * 10 * 6);
  });
});
