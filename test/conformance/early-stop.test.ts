import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Attack,
  attacks,
  bim,
  defineAttack,
  defineView,
  fools,
  type GoalKind,
} from '../../src/attacks/index.ts';
import { type Assignment, makeImages, type Proposal } from '../../src/judge/index.ts';
import { type Asked, asked, meanOfDraws, over } from '../../src/models/index.ts';
import { clone, limitOf, type Pixels } from '../../src/tensor/index.ts';
import {
  answers,
  asking,
  assignment,
  classes,
  count,
  drawing,
  ids,
  images,
  labels,
  type Making,
  make,
  masks,
  other,
  row,
  small,
  whole,
} from './world.ts';

const stoppable = asking(whole).filter((attack) => attack.radius === 'fixed');

/** Rows that an assignment's limit leaves as they are, and that fool the judged model then. */
async function judgedFinds(given: Assignment, { images: made, classes }: Proposal): Promise<boolean[]> {
  const judged = limitOf(given.limit, images, { pixels: given.pixels, masks }).judged(made);
  const now = (await small.answers(asked(judged, ids))).classes;
  const goal = { kind: given.goal === 'untargeted' ? given.goal : 'targeted', classes } as const;
  return ids.map((_, i) => same(row(judged, i), row(made, i)) && fools(goal, i, now[i] as number));
}

function same(a: Float32Array, b: Float32Array): boolean {
  return a.every((v, i) => v === b[i]);
}

/**
 * A sample that was stopped is a find, and is judged already; all others are as they would be without a stop.
 * @returns how many were stopped
 */
async function stops(attack: Attack, given: Assignment, making?: Making): Promise<number> {
  const plain = await make(attack, given, making);
  const early = await make(attack, { ...given, stopEarly: true }, making);
  const finds = await judgedFinds(given, early);
  const stopped = ids.filter((_, i) => !same(row(early.images, i), row(plain.images, i)));
  for (const id of stopped) expect(finds[ids.indexOf(id)]).toBe(true);
  return stopped.length;
}

describe.for(stoppable)('$name', (attack) => {
  const cases = attack.goals.flatMap((goal) =>
    (['8-bit', 'float32'] as const).map((pixels) => ({ goal, pixels })),
  );
  test.for(cases)('stops at images as they are judged alone ($goal, $pixels)', async (c) => {
    await stops(attack, assignment(attack, c));
  });

  test('asks nothing about what fools the model as it is', async () => {
    const goal = attack.goals[0] as GoalKind;
    // The last two images are what the attack is after.
    const change = goal === 'untargeted' ? {} : { goal: 'targeted' as const, targets: met };
    const given = assignment(attack, { ...change, stopEarly: true });
    const { images: made, counts } = await make(attack, given);
    for (let i = 0; i < count; i++) {
      const asks = (counts.scores[i] as number) + (counts.gradients[i] as number);
      expect(asks > 0).toBe(i < count - 2);
      expect(same(row(made, i), row(images, i))).toBe(i >= count - 2);
    }
  });
});

/** Targets of which the last two are met by the clean images. */
const met = answers.map((answer, i) => (i < count - 2 ? (answer + 1) % classes : answer));

/** Wide enough that most images fool the model before the end. */
const wide = (attack: string, pixels: Pixels = '8-bit'): Assignment =>
  assignment(attacks.find(attack), { limit: { norm: 'linf', epsilon: 64 / 255 }, pixels });

describe('behind views', () => {
  test.for([
    ['pgd', 'diversity', {}],
    ['pgd', 'scale', {}],
    ['square', 'diversity', { odds: 1, to: 2 }],
  ] as const)('%s through %s stops where the model itself is fooled', async ([name, view, options]) => {
    const through = [{ name: view, options }];
    expect(await stops(attacks.find(name), wide(name), { through })).toBeGreaterThan(0);
  });

  /** A view that answers with another class than the model does, or always with the label. */
  const answering = (lie: (label: number) => number) => ({
    view: defineView({
      name: 'lie',
      title: 'Answers what it likes',
      paper: 'none',
      options: z.strictObject({}),
      open: ({ model }) =>
        over(model, {
          async answers(q) {
            const found = await model.answers(q);
            return {
              ...found,
              classes: Int32Array.from(q.ids, (id) => lie(labels[ids.indexOf(id)] as number)),
            };
          },
        }),
    }),
    options: {},
  });
  const square = attacks.find('square');
  const through = (lie: (label: number) => number, given: Assignment) =>
    makeImages(
      { model: small },
      { attack: square, options: { schedule: 25, share: 0.8 }, views: [answering(lie)] },
      given,
    );

  test('a view’s word alone stops nothing', async () => {
    const given = assignment(square, { limit: { norm: 'linf', epsilon: 1 / 255 } });
    const lie = (label: number): number => (label + 1) % classes;
    const early = await through(lie, { ...given, stopEarly: true });
    const { images: made, counts } = await through(lie, given);
    const finds = await judgedFinds(given, early);
    for (const [i] of ids.entries()) {
      if (finds[i] === true) continue;
      expect(row(early.images, i)).toEqual(row(made, i));
      expect(early.counts.scores[i]).toBe(counts.scores[i]);
    }
    // Each of those words was checked, and each image once as it is.
    const open = finds.filter((found) => !found).length;
    expect(open).toBeGreaterThan(0);
    expect(early.confirmations).toBeGreaterThanOrEqual(count + open * 25);
  });

  test('what a view does not see stops nothing', async () => {
    const given = wide('square');
    const early = await through((label) => label, { ...given, stopEarly: true });
    // The last two fool the model as they are.
    expect(early.counts.scores).toEqual(ids.map((_, i) => (i < count - 2 ? 25 : 0)));
  });
});

describe('an attack that asks outside the ball', () => {
  /** Asks about the negatives and returns what it began with. */
  const far = defineAttack({
    name: 'far',
    title: 'Asks far outside',
    paper: 'none',
    access: 'scores',
    norms: ['linf'],
    goals: ['untargeted'],
    options: z.strictObject({}),
    // oxlint-disable-next-line require-yield -- it has one step
    async *run({ model, batch }) {
      const negative = { ...batch.images, data: batch.images.data.map((v) => 1 - v) };
      await model.scores({ images: negative, ids: batch.ids });
      return clone(batch.images);
    },
  });

  test.for(['8-bit', 'float32'] as const)('is not kept outside (%s)', async (pixels) => {
    const given = assignment(far, { pixels, stopEarly: true });
    const made = await makeImages({ model: small }, { attack: far, options: {}, views: [] }, given);
    const limit = limitOf(given.limit, images, { pixels });
    expect([...limit.outside(made.images)]).toEqual(ids.map(() => 0));
    expect(made.confirmations).toBeGreaterThan(count);
    const finds = await judgedFinds(given, made);
    const moved = ids.map((_, i) => !same(row(made.images, i), row(images, i)));
    expect(moved.filter((was, i) => was && finds[i] !== true)).toEqual([]);
  });

  test.for(['8-bit', 'float32'] as const)('such as Nesterov’s lookahead (%s)', async (pixels) => {
    const options = { nesterov: true };
    const given = wide('mi-fgsm', pixels);
    expect(await stops(attacks.find('mi-fgsm'), given, { options })).toBeGreaterThan(0);
    const early = await make(attacks.find('mi-fgsm'), { ...given, stopEarly: true }, { options });
    expect([...limitOf(given.limit, images, { pixels }).outside(early.images)]).toEqual(ids.map(() => 0));
  });
});

test('the judged model’s own answers stop what asks it beside its sources', async () => {
  const parties = {
    model: other,
    members: [other],
    opponent: { model: small, granted: 'scores' },
  } as const;
  expect(await stops(attacks.find('prior-guided'), wide('prior-guided'), { parties })).toBeGreaterThan(0);
});

test.for([1, 2, 30])(
  'the runner meets no draw that the attack has met, of a model that asks %i of each',
  async (n) => {
    const met = { answers: new Set<string>(), gradient: new Set<string>() };
    const note = (kind: keyof typeof met, q: Asked): void => {
      for (const [i, id] of q.ids.entries()) met[kind].add(`${id} ${q.draw[i]}`);
    };
    const watched = over(drawing, {
      answers(q) {
        note('answers', q);
        return drawing.answers(q);
      },
      gradient(q, objective, given) {
        note('gradient', q);
        return drawing.gradient(q, objective, given);
      },
    });
    const made = await make(bim, assignment(bim, { stopEarly: true }), { model: meanOfDraws(watched, n) });
    expect(met.answers.size).toBe(n * made.confirmations);
    expect(met.gradient.size).toBeGreaterThan(0);
    for (const draw of met.answers) expect(met.gradient).not.toContain(draw);
  },
);
