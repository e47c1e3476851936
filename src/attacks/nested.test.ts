import { describe, expect, test } from 'vitest';
import { input, leaving, model, size } from '../../test/affine-world.ts';
import { noisy } from '../../test/pixel-networks.ts';
import { attackOf, runAttack, type Task } from '../../test/run-attack.ts';
import { type Kind, over } from '../models/index.ts';
import { clone, type Images, randomOf, rows } from '../tensor/index.ts';
import type { Attack, AttackContext } from './define.ts';
import { type NestedOptions, nested } from './nested.ts';
import { pgd } from './pgd.ts';
import { square } from './square.ts';

const limit = { norm: 'linf', epsilon: 0.25 } as const;

/** Runs one attack within another. */
function outer(
  inner: Attack,
  how: (context: AttackContext) => NestedOptions,
  change?: Partial<Attack>,
): Attack {
  return attackOf((context) => nested(context, inner, how(context)), change);
}

/** Adds numbers of its own, and asks about each step. */
const adding = attackOf(async function* ({ model, batch, random }) {
  const images = clone(batch.start);
  for (let step = 0; step < 3; step++) {
    for (const [i, id] of batch.ids.entries()) {
      const { data } = rows(images, i, i + 1);
      const noise = new Float32Array(data.length);
      random.stream(id, 'noise', step).fillUniform(noise, 0, 0.01);
      for (const [j, u] of noise.entries()) data[j] = (data[j] as number) + u;
    }
    await model.answers({ images, ids: batch.ids });
    yield images;
  }
  return images;
});

const run = (attack: Attack, more: Partial<Task> = {}, yielded?: (x: Images) => void) =>
  runAttack(attack, leaving(4, limit, { random: randomOf(1, 'attack/own'), ...more }), yielded);

describe('random numbers', () => {
  const within = async (as: string): Promise<Images> =>
    (await run(outer(adding, ({ batch }) => ({ as, into: batch.images })))).images;

  test('are its own, by the name of the run', async () => {
    const first = await within('first');
    expect(await within('first')).toEqual(first);
    expect(await within('second')).not.toEqual(first);
    expect((await run(adding)).images).not.toEqual(first);
  });

  test('of a run within a run are others again', async () => {
    const twice = outer(
      outer(adding, ({ batch }) => ({ as: 'first', into: batch.images })),
      ({ batch }) => ({ as: 'first', into: batch.images }),
    );
    expect((await run(twice)).images).not.toEqual(await within('first'));
  });
});

describe('questions', () => {
  const both = attackOf(async function* (context) {
    const { model, batch } = context;
    await model.answers({ images: batch.images, ids: batch.ids });
    const images = clone(yield* nested(context, adding, { as: 'a', into: batch.images, rows: [0, 2] }));
    await model.answers({ images, ids: batch.ids });
    return images;
  });
  const counts = (meter: { counts: Record<Kind, Map<string, number>> }): [string, number][] => [
    ...meter.counts.scores,
  ];

  test('count on the same meters', async () => {
    expect(counts((await run(both)).meter)).toEqual([
      ['image0', 5],
      ['image1', 2],
      ['image2', 5],
      ['image3', 2],
    ]);
  });

  test('name draws that were not asked for yet', async () => {
    const draws = new Map<string, number[]>();
    const inner = noisy(model, randomOf(1, 'model'));
    const watched = over(inner, {
      answers(q) {
        for (const [i, id] of q.ids.entries()) draws.set(id, [...(draws.get(id) ?? []), q.draw[i] as number]);
        return inner.answers(q);
      },
    });
    await run(both, { model: watched });
    expect([...draws]).toEqual([
      ['image0', [0, 1, 2, 3, 4]],
      ['image1', [0, 1]],
      ['image2', [0, 1, 2, 3, 4]],
      ['image3', [0, 1]],
    ]);
  });

  test('are limited by the outer run’s budget, and by the inner one’s own', async () => {
    expect(counts((await run(both, { queries: 3 })).meter)).toEqual([
      ['image0', 3],
      ['image1', 2],
      ['image2', 3],
      ['image3', 2],
    ]);
    const own = outer(square, ({ batch }) => ({ as: 'a', into: batch.images, queries: 6 }));
    for (const [, n] of counts((await run(own)).meter)) expect(n).toBe(6);
  });

  test('of an attack that would ask for ever end by its own default', async () => {
    const endless = outer({ ...square, queries: 9 }, ({ batch }) => ({ as: 'a', into: batch.images }));
    for (const [, n] of counts((await run(endless)).meter)) expect(n).toBe(9);
  });
});

describe('rows', () => {
  const into = ({ batch }: AttackContext): Images => ({
    ...batch.images,
    data: batch.images.data.map((v) => v + 0.125),
  });
  const some = outer(adding, (context) => ({ as: 'a', into: into(context), rows: [3, 1] }));

  test('are worked on alone, and scattered into full batches of what the others hold', async () => {
    const yields: Images[] = [];
    const { images } = await run(some, {}, (x) => yields.push(clone(x)));
    expect(yields.length).toBe(3);
    const alone = (await run(outer(adding, ({ batch }) => ({ as: 'a', into: batch.images })))).images;
    for (const x of [...yields, images])
      for (const other of [0, 2]) expect(rows(x, other, other + 1).data.every((v) => v === 0.625)).toBe(true);
    for (const own of [1, 3]) expect(rows(images, own, own + 1).data).toEqual(rows(alone, own, own + 1).data);
    expect(yields[2]).toEqual(images);
    expect(yields[0]).not.toEqual(images);
  });

  test('see their own clean images, starts, goals and limits', async () => {
    const seen: AttackContext[] = [];
    const looking = attackOf(async function* (context) {
      seen.push(context);
      yield context.batch.start;
      return context.batch.start;
    });
    const how = (context: AttackContext): NestedOptions => ({
      as: 'a',
      into: context.batch.images,
      rows: [2, 0],
      start: into(context),
    });
    const goal = { kind: 'untargeted', classes: Int32Array.of(1, 0, 0, 1) } as const;
    const task = leaving(4, limit);
    const { images } = await run(outer(looking, how), {
      goal,
      limit: task.limit.within([0.1, 0.2, 0.3, 0.4]),
    });
    const [context] = seen as [AttackContext];
    expect(context.batch.ids).toEqual(['image2', 'image0']);
    expect([...context.goal.classes]).toEqual([0, 1]);
    expect([...context.limit.radii]).toEqual([0.3, 0.1]);
    expect(context.batch.images.shape).toEqual([2, input.channels, 2, 2]);
    expect(context.batch.images.data.every((v) => v === 0.5)).toBe(true);
    for (const [i, v] of [0.625, 0.5, 0.625, 0.5].entries())
      expect(rows(images, i, i + 1).data).toEqual(new Float32Array(size).fill(v));
  });

  test('that were stopped keep their images, and cost nothing', async () => {
    const up = { norm: 'linf', epsilon: 0.3 } as const;
    const task = leaving(4, up);
    const stopping = {
      goal: task.goal,
      limit: task.limit,
      stops: 'model',
      confirm: async (images: Images, ids: readonly string[]) =>
        Int32Array.from(ids, (id, i) => Number(id === 'image1' && (images.data[i * size] as number) >= 0)),
    } as const;
    const { images, meter } = await runAttack(
      outer(adding, (c) => ({ as: 'a', into: into(c) })),
      { ...task, stopping },
    );
    expect(rows(images, 1, 2).data).toEqual(new Float32Array(size).fill(0.5));
    expect([...meter.counts.scores.keys()]).toEqual(['image0', 'image2', 'image3']);
  });
});

describe('what is refused', () => {
  const within = (inner: Attack, change: Partial<Attack> = {}, options?: Record<string, unknown>) =>
    run(outer(inner, ({ batch }) => ({ as: 'a', into: batch.images, options }), change));

  test.for([
    ['more access', pgd, {}, 'it needs the access "gradient", the outer one has "scores"'],
    [
      'the judged model where the outer attack does not ask it',
      { ...adding, opponent: 'decision' },
      {},
      'it asks the judged model for decision, which the outer one does not',
    ],
    ['views of its own', { ...adding, through: [{ name: 'eot' }] }, {}, 'it has views of its own'],
  ] as const)('%s', async ([, inner, change, why]) => {
    await expect(within(inner as Attack, change)).rejects.toMatchObject({
      code: 'NESTED',
      message: `The attack ${inner.name} cannot run within another: ${why}.`,
      remedy: 'Let the outer attack declare what the inner one needs.',
    });
  });

  test('options that it does not have', async () => {
    await expect(within(pgd, { access: 'gradient' }, { step: 3 })).rejects.toMatchObject({ code: 'OPTION' });
    await within(pgd, { access: 'gradient' }, { steps: 3 });
  });
});
