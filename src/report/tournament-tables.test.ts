import { describe, expect, test } from 'vitest';
import { askingResult, tournamentResult } from '../../test/report/tournament-result.ts';
import type { BoardRow, Cell, TournamentResult } from '../arena/index.ts';
import { painter, widthOf } from './table.ts';
import { flagLines, tournamentTables } from './tournament-tables.ts';

const [low, high] = tournamentResult().epsilons as [number, number];
const paragraphs = (result: TournamentResult, width = 150): string[] =>
  tournamentTables(result, { width }).split('\n\n');
const lines = (text: string | undefined): string[] => (text ?? '').split('\n');
/** Columns of a row: what stands at least two spaces apart. */
const columns = (line: string | undefined): string[] => (line ?? '').trim().split(/ {2,}/);

const row = (rank: number, name: string, more: Partial<BoardRow> = {}): BoardRow => ({
  rank,
  name,
  baseline: false,
  score: { value: 0.5, low: 0.4, high: 0.6 },
  worst: { value: 0.2, low: 0.1, high: 0.3, opponent: 'opponent' },
  perImageWorst: { value: 0.1, low: 0.05, high: 0.15 },
  coverage: 1,
  ...more,
});

/** One board of defenses, two attacks and two defenses. */
function small(more: Partial<TournamentResult> = {}): TournamentResult {
  const result = tournamentResult();
  return {
    ...result,
    name: 'Small',
    epsilons: [low],
    attacks: ['a1', 'a2'].map((name) => ({
      name,
      attack: 'pgd',
      options: {},
      goal: 'untargeted',
      sources: [],
      baseline: false,
    })),
    defenses: ['d1', 'd2'].map((name) => ({ name, model: 'm', chain: [], baseline: false })),
    boards: [{ threat: 'all', untargeted: [], targeted: [], defenses: [row(1, 'd2'), row(2, 'd1')] }],
    cells: [],
    comparisons: [],
    flags: [],
    ...more,
  };
}
const cell = (attack: string, defense: string, accuracy: number, more: Partial<Cell> = {}): Cell => ({
  attack,
  defense,
  epsilon: low,
  threat: 'transfer',
  images: 10,
  accuracy,
  error: 1 - accuracy,
  ...more,
});

describe('the head', () => {
  const head = (more: Partial<TournamentResult>): string => paragraphs(small(more))[0] ?? '';

  test('counts, bounds and seed', () => {
    expect(lines(head({}))).toEqual([
      'Small',
      '2 attacks against 2 defenses, 200 images of nips2017-dev, linf 8/255, seed 2017',
    ]);
    const one = {
      attacks: small().attacks.slice(0, 1),
      defenses: small().defenses.slice(0, 1),
      dataset: { name: 'x', images: 1 },
    };
    expect(head(one)).toContain('1 attack against 1 defense, 1 image of x,');
  });

  test('several bounds in turn are said to be', () => {
    const both = [low, high];
    expect(head({ epsilons: both, epsilonPerBatch: 'cycle' })).toContain('linf 8/255, 16/255 in turn, seed');
    expect(head({ epsilons: both, epsilonPerBatch: 'all' })).toContain('linf 8/255, 16/255, seed');
    expect(head({ epsilonPerBatch: 'cycle' })).toContain('linf 8/255, seed');
  });

  test('draws are told from two on', () => {
    expect(head({ draws: 2 })).toContain(', 2 draws, seed');
    expect(head({ draws: 1 })).not.toContain('draws');
  });
});

test('flags are one paragraph, a line each, and none without flags', () => {
  const flags = [
    { code: 'one', message: 'First.' },
    { code: 'two', message: 'Second one.' },
  ];
  expect(flagLines({ flags }, painter(false), 80)).toEqual(['one  First.\ntwo  Second one.']);
  expect(flagLines({ flags }, painter(false), 13)).toEqual(['one  First.\ntwo  Second\n  one.']);
  expect(flagLines({ flags: [] }, painter(false), 80)).toEqual([]);
  expect(paragraphs(small({ flags }))[1]).toBe('one  First.\ntwo  Second one.');
});

describe('boards', () => {
  const board = (rows: BoardRow[], width = 150): string[] =>
    lines(
      paragraphs(
        small({ boards: [{ threat: 'all', untargeted: [], targeted: [], defenses: rows }] }),
        width,
      )[1],
    );

  test('have rank, name, score, the worst opponent, and what else fits', () => {
    const clean = { value: 0.9, low: 0.8, high: 0.95 };
    const [title, head, , first, second] = board([
      row(1, 'd2', { cleanAccuracy: clean, medianSeconds: 2 }),
      row(2, 'd1', { cleanAccuracy: clean }),
    ]);
    expect(title).toBe('Defenses, all threat models: share answered right, 95 % interval');
    expect(columns(head)).toEqual([
      '#',
      'defense',
      'score',
      'worst',
      'against',
      'per image',
      'clean',
      'median',
    ]);
    expect(columns(first)).toEqual([
      '1',
      'd2',
      '50.0 % (40.0–60.0)',
      '20.0 % (10.0–30.0)',
      'opponent',
      '10.0 % (5.0–15.0)',
      '90.0 % (80.0–95.0)',
      '2.00 s',
    ]);
    expect(columns(second).at(-1)).toBe('–');
  });

  test('have no clean accuracy where one row lacks it', () => {
    const clean = { value: 0.9, low: 0.8, high: 0.95 };
    expect(columns(board([row(1, 'd2', { cleanAccuracy: clean }), row(2, 'd1')])[1])).not.toContain('clean');
    expect(columns(board([row(1, 'd2', { cleanAccuracy: clean })])[1])).toContain('clean');
  });

  test('have coverage where one row is short of it', () => {
    const found = board([row(1, 'd2'), row(2, 'd1', { coverage: 0.996 })]);
    expect(columns(found[1]).at(-1)).toBe('coverage');
    expect([columns(found[3]).at(-1), columns(found[4]).at(-1)]).toEqual(['100.0 %', '99.6 %']);
    expect(columns(board([row(1, 'd2')])[1])).not.toContain('coverage');
  });

  test('mark baselines', () => {
    const found = board([row(1, 'd2', { baseline: true }), row(2, 'd1')]);
    expect([columns(found[3])[1], columns(found[4])[1]]).toEqual(['d2 (baseline)', 'd1']);
  });

  test('the narrower, the fewer columns; rank, name and score stay to the last', () => {
    const worst = { value: 0.2, low: 0.1, high: 0.3, opponent: 'an-opponent-of-a-long-name' };
    const cleanAccuracy = { value: 0.9, low: 0.8, high: 0.95 };
    const rows = [row(1, 'd2', { cleanAccuracy, worst, medianSeconds: 2 })];
    const heads = (width: number): string[] =>
      columns(board(rows, width).find((line) => line.startsWith('#')));
    const seen = Array.from({ length: 108 }, (_, i) => heads(127 - i)).map((h) => h.join(' '));
    expect([...new Set(seen)]).toEqual([
      '# defense score worst against per image clean median',
      '# defense score worst against per image clean',
      '# defense score worst against clean',
      '# defense score worst per image clean',
      '# defense score worst clean',
      '# defense score',
    ]);
  });

  test('drop their intervals only to keep a column, that of the score last', () => {
    const rows = [row(1, 'd2', { medianSeconds: 2 })];
    const wide = board(rows, 87).at(-1);
    const narrow = board(rows, 86).at(-1);
    expect(columns(wide).slice(2, 6)).toEqual([
      '50.0 % (40.0–60.0)',
      '20.0 % (10.0–30.0)',
      'opponent',
      '10.0 % (5.0–15.0)',
    ]);
    expect(columns(narrow)).toEqual([
      '1',
      'd2',
      '50.0 % (40.0–60.0)',
      '20.0 %',
      'opponent',
      '10.0 %',
      '2.00 s',
    ]);
    expect(columns(board(rows, 20).at(-1))).toEqual(['1', 'd2', '50.0 %']);
  });

  test('cut names where nothing else is left to drop', () => {
    const long = 'a-defense-of-a-very-long-name';
    const only = board([row(1, long)], 30).find((line) => line.startsWith('1')) ?? '';
    expect(columns(only)).toEqual(['1', `${long.slice(0, 18)}…`, '50.0 %']);
    expect(widthOf(only)).toBe(30);
  });

  test('are those over all bounds, one for each threat model that has rows', () => {
    const titles = (result: TournamentResult): string[] =>
      paragraphs(result).flatMap((p) => /^(?:Untargeted|Targeted|Defenses).*?(?=:)/.exec(p)?.[0] ?? []);
    const kinds = ['all threat models', 'transfer only', 'queries only', 'white box only'];
    const names = (kind: string): string[] =>
      ['Untargeted attacks', 'Targeted attacks', 'Defenses'].map((t) => `${t}, ${kind}`);
    const all = kinds.flatMap(names);
    expect(titles(askingResult())).toEqual(all.filter((t) => t !== 'Targeted attacks, queries only'));
    expect(titles(tournamentResult())).toEqual(all.filter((t) => !t.includes('queries')));
  });
});

describe('the matrix', () => {
  const matrix = (result: TournamentResult, width = 150): string[] =>
    lines(
      paragraphs(result, width)
        .filter((p) => /^(Accuracy|attack)/.test(p))
        .join('\n\n'),
    );

  test('has accuracy in per cent, a star for white boxes, a dash for who never met; the strongest first', () => {
    const cells = [
      cell('a1', 'd1', 0.125, { threat: 'white box' }),
      cell('a1', 'd2', 1),
      cell('a2', 'd1', 0, { threat: 'queries' }),
      cell('a2', 'd1', 0.9, { epsilon: high }),
    ];
    const [title, head, , first, second] = matrix(small({ cells }));
    expect(title).toBe('Accuracy of the defenses in %, linf 8/255; * white box');
    expect(columns(head)).toEqual(['attack', 'd2', 'd1']);
    expect(columns(first)).toEqual(['a1', '100.0', '12.5*']);
    expect(columns(second)).toEqual(['a2', '–', '0.0']);
  });

  test('figures stand one under the other, with or without a star', () => {
    const cells = [cell('a1', 'd1', 0.5, { threat: 'white box' }), cell('a2', 'd1', 0.25)];
    const [, , , first = '', second = ''] = matrix(small({ cells }));
    expect(first.indexOf('50.0*')).toBe(second.indexOf('25.0'));
  });

  test('goes on below where defenses have no room beside each other, and keeps to the width', () => {
    const defenses = Array.from({ length: 7 }, (_, i) => ({ ...small().defenses[0]!, name: `defs-${i}` }));
    const names = defenses.map((d) => d.name);
    const result = small({
      defenses,
      cells: names.map((name) => cell('a1', name, 0.5)),
      boards: [],
    });
    for (const width of [22, 25, 29, 30, 31, 37, 38, 62, 63]) {
      const found = matrix(result, width).filter((line) => line.startsWith('attack'));
      expect(
        found.flatMap((head) => columns(head).slice(1)),
        `${width}`,
      ).toEqual(names);
      // The names of attacks need 6 columns, each defense 2 and 6 of its own.
      const fitting = Math.max(1, Math.floor((width - 6) / 8));
      expect(columns(found[0]).length - 1, `${width}`).toBe(Math.min(7, fitting));
      const table = matrix(result, width).filter((line) => !/Accuracy|in %|white|box/.test(line));
      expect(Math.max(...table.map(widthOf)), `${width}`).toBeLessThanOrEqual(width);
    }
  });

  test('is there for each bound', () => {
    const titles = paragraphs(small({ epsilons: [low, high] })).filter((p) => p.startsWith('Accuracy'));
    expect(titles.map((t) => /linf [\d/]+/.exec(t)?.[0])).toEqual(['linf 8/255', 'linf 16/255']);
  });
});

describe('comparisons', () => {
  const compared = (low: number, value: number, high: number) => ({
    title: 'A claim',
    above: ['a1', 'a2'],
    below: ['a2'],
    on: ['d1', 'd2'],
    aboveScore: 0.5,
    belowScore: 0.4,
    difference: { value, low, high },
  });

  test('tell both sides, their difference with its sign, and what it allows to say', () => {
    const comparisons = [compared(0.05, 0.1, 0.15), compared(-0.2, -0.1, 0), compared(-0.3, -0.2, -0.1)];
    expect(lines(paragraphs(small({ comparisons })).at(-1))).toEqual([
      'Comparisons: mean success, and the paired difference with its 95 % interval',
      'A claim',
      '  a1, a2: 50.0 %; a2: 40.0 %; on d1, d2',
      '  difference in points: +10.0 (+5.0 to +15.0): stronger',
      'A claim',
      '  a1, a2: 50.0 %; a2: 40.0 %; on d1, d2',
      '  difference in points: −10.0 (−20.0 to 0.0): not decided',
      'A claim',
      '  a1, a2: 50.0 %; a2: 40.0 %; on d1, d2',
      '  difference in points: −20.0 (−30.0 to −10.0): weaker',
    ]);
  });

  test('are left out where there are none', () => {
    expect(tournamentTables(small())).not.toContain('Comparisons');
  });
});
