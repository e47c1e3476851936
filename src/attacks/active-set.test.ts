import { describe, expect, test } from 'vitest';
import { affine, noisy } from '../../test/pixel-networks.ts';
import { attackOf, runAttack } from '../../test/run-attack.ts';
import { normal } from '../../test/small-models.ts';
import { type Answers, asked, crossEntropy, type GradientAnswer, labelTensor } from '../models/index.ts';
import { clone, type Images, limitOf, randomOf, rows, takeRows, tensor } from '../tensor/index.ts';
import type { Attack, Queries } from './define.ts';
import { eot, scale } from './views/index.ts';

const input = { channels: 1, height: 2, width: 2 };
const model = affine('affine', input, normal('weights', [4, 2]));
const grey = tensor(new Float32Array(3 * 4).fill(100 / 255), [3, 1, 2, 2]);
const limit = limitOf({ norm: 'linf', epsilon: 1 }, grey, { pixels: 'float32' });
const goal = { kind: 'untargeted', classes: (await model.answers(asked(grey))).classes } as const;

/** Every pixel one level up, so that an image tells how many steps it has made. */
function up(images: Images): void {
  for (let i = 0; i < images.data.length; i++) images.data[i] = (images.data[i] as number) + 1 / 255;
}

/** Steps that the images of a result have made. */
function stepsOf(images: Images): number[] {
  return Array.from({ length: images.shape[0] as number }, (_, i) =>
    Math.round(((rows(images, i, i + 1).data[0] as number) - 100 / 255) * 255),
  );
}

/** Ten steps; in each it asks about each of its samples as often as that says, and yields before and after moving. */
function walking(often: Record<string, number>): Attack {
  return attackOf(async function* ({ model, batch }) {
    const images = clone(batch.images);
    for (let step = 0; step < 10; step++) {
      const which = batch.ids.flatMap((id, i) => Array.from({ length: often[id] as number }, () => i));
      for (const i of which)
        await model.answers({ images: takeRows(images, [i]), ids: [batch.ids[i] as string] });
      yield images;
      up(images);
      yield images;
    }
    return images;
  });
}

const work = (attack: Attack, queries: Queries, which = [0, 1, 2]) =>
  runAttack(attack, {
    model,
    images: takeRows(grey, which),
    ids: which.map(String),
    goal: { kind: 'untargeted', classes: Int32Array.from(which, (i) => goal.classes[i] as number) },
    limit: limit.take(which),
    queries,
  });

describe('a sample that has spent its questions', () => {
  const attack = walking({ 0: 1, 1: 2, 2: 5 });

  test('keeps the image that was yielded last', async () => {
    const { images, meter } = await work(attack, 4);
    // 0 pays in four steps, 1 in two; 2 can pay for four of its first five: it has yielded nothing by then.
    expect(stepsOf(images)).toEqual([3, 1, 0]);
    expect([...meter.counts.scores]).toEqual([
      ['0', 4],
      ['1', 4],
      ['2', 4],
    ]);
  });

  test('is as it would be alone, though others still move', async () => {
    const { images } = await work(attack, 4);
    for (const i of [0, 1, 2])
      expect((await work(attack, 4, [i])).images.data).toEqual(rows(images, i, i + 1).data);
  });

  test('stops the attack once all have', async () => {
    let yields = 0;
    const endless = attackOf(async function* ({ model, batch }) {
      for (;;) {
        await model.answers({ images: batch.images, ids: batch.ids });
        yields++;
        yield batch.images;
      }
    });
    await work(endless, 5);
    expect(yields).toBe(5);
  });
});

/** What an attack is answered about the clean images, one question after the other. */
function listening(found: Answers[], kinds: readonly ('answers' | 'gradient')[]): Attack {
  const given = (classes: Int32Array) => ({ labels: labelTensor(classes) });
  return attackOf(
    async function* ({ model, batch, goal }) {
      const images = clone(batch.images);
      for (const kind of kinds) {
        const q = { images: clone(images), ids: batch.ids };
        found.push(
          kind === 'answers'
            ? await model.answers(q)
            : await model.gradient(q, crossEntropy(), given(goal.classes)),
        );
        up(images);
      }
      yield images;
      return images;
    },
    { access: 'gradient' },
  );
}

describe('answers', () => {
  test('are repeated, kind by kind', async () => {
    const found: Answers[] = [];
    const asks = ['answers', 'gradient', 'answers', 'gradient', 'gradient', 'answers'] as const;
    const { meter } = await work(listening(found, asks), { scores: 2, gradients: 1 });
    const [first, gradient, second, again, last, end] = found;
    expect(second?.scores).not.toEqual(first?.scores);
    expect(end).toEqual(second);
    expect(again).toEqual(gradient);
    expect(last).toEqual(gradient);
    expect((gradient as GradientAnswer).gradient.data.some((g) => g !== 0)).toBe(true);
    expect(meter.counts.scores.get('0')).toBe(2);
    expect(meter.counts.gradients.get('0')).toBe(1);
  });

  test('belong to who asked: what is written into one changes no later one', async () => {
    const found: Answers[] = [];
    const writing = attackOf(async function* ({ model, batch }) {
      for (let step = 0; step < 4; step++) {
        const answer = await model.answers({ images: batch.images, ids: batch.ids });
        found.push({ classes: answer.classes.slice(), scores: clone(answer.scores as Images) });
        answer.classes.fill(7);
        answer.scores?.data.fill(7);
      }
      yield batch.images;
      return batch.images;
    });
    await work(writing, 2);
    for (const answer of found) expect(answer).toEqual(found[0]);
  });

  test('are -1 and zeros before a first one', async () => {
    const found: Answers[] = [];
    await runAttack(listening(found, ['answers', 'gradient']), {
      model: noisy(model, randomOf(2, 'model')),
      views: [{ view: eot, options: { draws: 3 } }],
      images: grey,
      goal,
      limit,
      queries: { scores: 2, gradients: 2 },
    });
    const [answer, gradient] = found as [Answers, GradientAnswer];
    for (const { classes, scores } of [answer, gradient]) {
      expect([...classes]).toEqual([-1, -1, -1]);
      expect(scores?.data).toEqual(new Float32Array(6));
    }
    expect(gradient.gradient.data).toEqual(new Float32Array(12));
    expect([...gradient.value]).toEqual([0, 0, 0]);
  });
});

test('a view’s rows cost what it asks for them', async () => {
  const found: Answers[] = [];
  const asks = Array.from({ length: 5 }, () => 'gradient' as const);
  const views = [{ view: scale, options: { copies: 3 } }];
  const task = { model, views, images: grey, goal, limit, queries: { gradients: 8 } };
  const { meter } = await runAttack(listening(found, asks), task);
  // Two questions of three copies; a third cannot be paid in full.
  expect([...meter.counts.gradients.values()]).toEqual([6, 6, 6]);
});
