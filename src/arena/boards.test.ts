import { describe, expect, test } from 'vitest';
import { attackRule, figures, recordsOf, runWith, type Story, story } from '../../test/worked-example.ts';
import { scoresOf } from './index.ts';

/** Labels are 1 to 4. */
const clean = { d1: [[1, 2, 3, 4]], d2: [[1, 2, 3, 4]] };
const comparison = (above: string[], below: string[], on = ['d1', 'd2']) => ({
  title: `${above.join('+')} above ${below.join('+')}`,
  above,
  below,
  on,
});

/** What untargeted attacks made of it: answers of d1, then of d2. */
function scored(
  answers: Record<string, readonly [number[], number[]]>,
  comparisons: ReturnType<typeof comparison>[] = [],
) {
  const told: Story = {
    clean,
    attacks: Object.fromEntries(
      Object.entries(answers).map(([name, [d1, d2]]) => [name, { answers: { d1: [d1], d2: [d2] } }]),
    ),
  };
  const run = runWith({
    attacks: Object.keys(answers).map((name) => attackRule(name)),
    comparisons,
    examples: 0,
  });
  return scoresOf(run, recordsOf(run, told));
}
const ranks = (result: ReturnType<typeof scored>, side: 'untargeted' | 'defenses') =>
  result.boards.find((b) => b.threat === 'all')?.[side].map((r) => [r.rank, r.name, r.score.value]);

describe('ranks', () => {
  test('the higher score stands first', () => {
    const result = scored({
      a1: [
        [1, 2, 3, 4],
        [1, 2, 3, 9],
      ],
      a2: [
        [9, 9, 3, 4],
        [9, 2, 3, 4],
      ],
    });
    expect(ranks(result, 'untargeted')).toEqual([
      [1, 'a2', 3 / 8],
      [2, 'a1', 1 / 8],
    ]);
    expect(ranks(result, 'defenses')).toEqual([
      [1, 'd2', 6 / 8],
      [1, 'd1', 6 / 8],
    ]);
  });

  test('equal scores share a rank, the next one counts all before it; the better worst case stands first', () => {
    const result = scored({
      a1: [
        [9, 9, 3, 4],
        [1, 2, 3, 4],
      ],
      a2: [
        [9, 2, 3, 4],
        [9, 2, 3, 4],
      ],
      a3: [
        [1, 2, 3, 4],
        [9, 2, 3, 4],
      ],
    });
    expect(ranks(result, 'untargeted')).toEqual([
      [1, 'a2', 2 / 8],
      [1, 'a1', 2 / 8],
      [3, 'a3', 1 / 8],
    ]);
  });

  test('of equal worst cases the better of each image stands first, then names do', () => {
    const both = [9, 2, 3, 4];
    const result = scored({
      a2: [both, both],
      a1: [both, [1, 9, 3, 4]],
      a3: [both, both],
    });
    expect(ranks(result, 'untargeted')?.map((row) => row.slice(0, 2))).toEqual([
      [1, 'a2'],
      [1, 'a3'],
      [1, 'a1'],
    ]);
    const untargeted = result.boards[0]?.untargeted;
    expect(figures(untargeted)).toEqual({
      a1: [1 / 4, 1 / 4, 'd1', 0, 1],
      a2: [1 / 4, 1 / 4, 'd1', 1 / 4, 1],
      a3: [1 / 4, 1 / 4, 'd1', 1 / 4, 1],
    });
  });

  test('the worst opponent is the one against which an entry does least', () => {
    const result = scored({
      a1: [
        [9, 9, 9, 4],
        [9, 2, 3, 4],
      ],
      a2: [
        [1, 2, 3, 4],
        [9, 9, 3, 4],
      ],
    });
    const all = result.boards.find((b) => b.threat === 'all');
    expect(figures(all?.untargeted)).toEqual({
      a1: [4 / 8, 1 / 4, 'd2', 1 / 4, 1],
      a2: [2 / 8, 0, 'd1', 0, 1],
    });
    expect(figures(all?.defenses)).toEqual({
      d1: [5 / 8, 1 / 4, 'a1', 1 / 4, 1],
      d2: [5 / 8, 2 / 4, 'a2', 2 / 4, 1],
    });
  });
});

describe('comparisons', () => {
  const answers = {
    a1: [
      [9, 2, 9, 4],
      [9, 9, 9, 9],
    ],
    a2: [
      [9, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  } as const;
  const made = Object.fromEntries(
    Object.entries(answers).map(([name, [d1, d2]]) => [name, [[...d1], [...d2]] as [number[], number[]]]),
  );
  const compare = (...of: ReturnType<typeof comparison>[]) =>
    scored(made, of).comparisons.map((c) => [c.aboveScore, c.belowScore, c.difference]);

  test('are the first less the second, over the defenses that they name, with a paired interval', () => {
    // One image of four makes the difference: quantiles of a binomial of 4 and 1/4.
    expect(compare(comparison(['a1'], ['a2'], ['d1']), comparison(['a2'], ['a1'], ['d1']))).toEqual([
      [2 / 4, 1 / 4, { value: 1 / 4, low: 0, high: 3 / 4 }],
      [1 / 4, 2 / 4, { value: -1 / 4, low: -3 / 4, high: 0 }],
    ]);
  });

  test('of an attack that always wins with one that never does leave no doubt', () => {
    expect(compare(comparison(['a1'], ['a2'], ['d2']))).toEqual([[1, 0, { value: 1, low: 1, high: 1 }]]);
    expect(compare(comparison(['a1'], ['a1']))).toEqual([[6 / 8, 6 / 8, { value: 0, low: 0, high: 0 }]]);
  });

  test('are means over attacks and defenses', () => {
    const [first] = compare(comparison(['a1', 'a2'], ['a2']));
    expect(first?.slice(0, 2)).toEqual([7 / 16, 1 / 8]);
  });

  test('of what has no answers yet are left out, as boards and cells are', () => {
    const run = runWith();
    const records = recordsOf(run, story);
    const open = new Map([...records].filter(([, r]) => r.kind !== 'defend'));
    expect(scoresOf(run, records).comparisons).toHaveLength(1);
    expect(scoresOf(run, open)).toMatchObject({ comparisons: [], boards: [], cells: [] });
  });
});
