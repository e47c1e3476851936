import { describe, expect, test } from 'vitest';
import { type Attack, views as all, kindsOf } from '../../src/attacks/index.ts';
import type { Proposal } from '../../src/judge/index.ts';
import { type Answers, asked, type Classifier, type Kind, over } from '../../src/models/index.ts';
import { limitOf, type Norm } from '../../src/tensor/index.ts';
import { counting } from '../pixel-networks.ts';
import {
  asking,
  assignment,
  drawing,
  fewQueries,
  ids,
  images,
  labels,
  type Making,
  make,
  other,
  partiesFor,
  radius,
  small,
  whole,
} from './world.ts';

const views: [string, Making][] = [
  ['the model', {}],
  ...all.all.map(({ name }): [string, Making] => [
    `${name} as it is`,
    { model: drawing, through: [{ name }] },
  ]),
  ['eot of a model that is not random', { through: [{ name: 'eot', options: { draws: 3 } }] }],
  ['eot of 3 draws', { model: drawing, through: [{ name: 'eot', options: { draws: 3 } }] }],
  ['scale of 3 copies', { through: [{ name: 'scale', options: { copies: 3 } }] }],
  [
    'both',
    {
      model: drawing,
      through: [
        { name: 'scale', options: { copies: 2 } },
        { name: 'eot', options: { draws: 3 } },
      ],
    },
  ],
];

/** The most that was asked about one image: decisions and scores together, and gradients. */
function most({ counts }: Proposal): { forward: number; gradients: number } {
  return {
    forward: Math.max(...ids.map((_, i) => (counts.decisions[i] as number) + (counts.scores[i] as number))),
    gradients: Math.max(...counts.gradients),
  };
}

/** A limit of each kind that the attack asks for, another for each. */
function apart(attack: Attack, queries: number): Partial<Record<Kind, number>> {
  return Object.fromEntries(
    kindsOf(attack).map((kind) => [kind, kind === 'gradients' ? Math.ceil(queries / 2) : queries]),
  );
}

describe.for(asking(whole))('$name', (attack) => {
  // Views add to what one answer costs, not to when an attack asks: budgets below and above that will do.
  const cases = views.flatMap(([name, making], i) =>
    (i === 0 ? [1, 2, 7, 50] : [2, 7]).map((queries) => ({ name, making, queries })),
  );

  test.for(cases)('overdraws no budget of $queries before $name', async ({ making, queries }) => {
    for (const early of [false, true]) {
      const together = await make(attack, assignment(attack, { queries, stopEarly: early }), making);
      expect(most(together).forward).toBeLessThanOrEqual(queries);
      const limits = apart(attack, queries);
      const each = await make(attack, assignment(attack, { queries: limits, stopEarly: early }), making);
      expect(most(each).forward).toBeLessThanOrEqual(limits.scores ?? limits.decisions ?? 0);
      expect(most(each).gradients).toBeLessThanOrEqual(limits.gradients ?? 0);
    }
  });

  test('counts every question that it asks, and none of the runner’s', async () => {
    const [judged, more] = [counting(small), counting(other)];
    const parties = partiesFor(attack, judged.model, more.model);
    const given = assignment(attack);
    const { counts, confirmations } = await make(attack, given, { parties });
    const sum = (kind: Kind): number => counts[kind].reduce((a, n) => a + n, 0);
    expect(sum('decisions') + sum('scores') + confirmations).toBe(judged.asks.answers + more.asks.answers);
    expect(sum('gradients')).toBe(judged.asks.gradients + more.asks.gradients);
    expect(sum('gradients') > 0).toBe(attack.access === 'gradient');
    expect(confirmations).toBe(given.goal === 'least-likely' ? ids.length : 0);
  });
});

describe.for(whole.filter((a) => a.queries !== undefined))('$name', (attack) => {
  test.for([1, 2, 7, 50])('asks %i questions where it has so many', async (queries) => {
    const { counts } = await make(attack, assignment(attack, { queries }));
    for (const [i] of ids.entries())
      expect((counts.decisions[i] as number) + (counts.scores[i] as number)).toBe(queries);
  });
});

/** Attacks whose answers come one by one, so that the first that fools the model is the last. */
const oneByOne = whole.filter(
  (a) => a.access === 'scores' && a.opponent === undefined && a.radius === 'fixed',
);

test.for(oneByOne)(
  '$name asks as often as it is told, and nothing more of what fools the model',
  async (attack) => {
    const norm = attack.norms.includes('linf') ? 'linf' : (attack.norms[0] as Norm);
    const given = assignment(attack, {
      limit: { norm, epsilon: norm === 'linf' ? 0.3 : 4 * radius[norm] },
      goal: 'untargeted',
      pixels: 'float32',
      queries: fewQueries,
    });
    const limit = limitOf(given.limit, images, { pixels: 'float32' });
    const first = new Map<string, number>();
    const seen = new Map<string, number>();
    // Neighbours may fool the model outside the ball alone: the runner asks about them as they would be judged.
    const missed = new Map<string, number>();
    const watched: Classifier = over(small, {
      async answers(q) {
        const found = await small.answers(q);
        const of = q.ids.map((id) => ids.indexOf(id));
        const judged = await small.answers({ ...q, images: limit.take(of).judged(q.images) });
        for (const [i, id] of q.ids.entries()) {
          const fooled = ({ classes }: Answers): boolean => classes[i] !== labels[of[i] as number];
          const count = (seen.get(id) ?? 0) + 1;
          seen.set(id, count);
          if (!fooled(found) || first.has(id)) continue;
          if (fooled(judged)) first.set(id, count - (missed.get(id) ?? 0));
          else missed.set(id, (missed.get(id) ?? 0) + 1);
        }
        return found;
      },
    });
    const all = await make(attack, given, { model: watched });
    expect(all.counts.scores).toEqual(ids.map(() => fewQueries));
    for (const map of [first, seen, missed]) map.clear();
    const {
      images: made,
      counts,
      confirmations,
    } = await make(attack, { ...given, stopEarly: true }, { model: watched });
    // The runner's: what each image is as it is, and what a find is as it will be judged where that differs.
    const misses = [...missed.values()].reduce((sum, n) => sum + n, 0);
    expect(confirmations).toBeGreaterThanOrEqual(ids.length + misses);
    expect(confirmations).toBeLessThanOrEqual(ids.length + misses + first.size);
    for (const [i, id] of ids.entries())
      expect(counts.scores[i]).toBe(first.has(id) ? (first.get(id) as number) - 1 : fewQueries);
    expect(new Set(counts.scores).size).toBeGreaterThan(2);
    const now = await small.answers(asked(made, ids));
    for (const [i, id] of ids.entries()) expect(now.classes[i] !== given.labels?.[i]).toBe(first.has(id));
  },
);
