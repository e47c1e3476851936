import { describe, expect, test } from 'vitest';
import { attributes, cells, one, parsed, type Root, texts } from '../../../test/report/dom.ts';
import { askingResult, tournamentResult } from '../../../test/report/tournament-result.ts';
import type { BoardRow, TournamentResult } from '../../arena/index.ts';
import { baselineTag, boardSections, figure, switches, switchRules } from './boards.ts';

const [low, high] = tournamentResult().epsilons as [number, number];

/** One threat model; one bound or two. */
function plain(...epsilons: number[]): TournamentResult {
  const result = tournamentResult();
  result.epsilons = epsilons;
  result.cells = result.cells
    .filter((c) => epsilons.includes(c.epsilon))
    .map((c) => ({ ...c, threat: 'transfer' }));
  return result;
}
const oneBound = (): TournamentResult => {
  const result = tournamentResult();
  result.epsilons = [low];
  result.cells = result.cells.filter((c) => c.epsilon === low);
  return result;
};

describe('switches', () => {
  const groups = (result: TournamentResult): string[][] | undefined => {
    const found = switches(result);
    if (found === undefined) return undefined;
    const form = parsed(found);
    return [...form.querySelectorAll('fieldset')].map((f) => [...texts(f, 'legend'), ...texts(f, 'label')]);
  };
  const threats = ['Threat model', 'all', 'transfer', 'white box'];
  const bounds = ['L∞ bound', 'all', '8/255', '16/255'];

  test('are there for what there is more than one of', () => {
    expect(groups(tournamentResult())).toEqual([threats, bounds]);
    expect(groups(plain(low, high))).toEqual([bounds]);
    expect(groups(oneBound())).toEqual([threats]);
    expect(groups(plain(low))).toBeUndefined();
  });

  test('begin with all threat models and all bounds', () => {
    const form = parsed(switches(tournamentResult()) as object);
    expect(attributes(form, 'input[checked]', 'id')).toEqual(['threat-0', 'epsilon-0']);
    expect(attributes(form, 'input', 'id')).toEqual([
      'threat-0',
      'threat-1',
      'threat-2',
      'epsilon-0',
      'epsilon-1',
      'epsilon-2',
    ]);
    expect(attributes(form, 'input', 'name')).toEqual([
      'threat',
      'threat',
      'threat',
      'epsilon',
      'epsilon',
      'epsilon',
    ]);
  });
});

describe('rules of the switches', () => {
  const rules = (result: TournamentResult): string[] => switchRules(result).trim().split('\n').slice(2, -1);
  const body = (t: number | undefined, e: number | undefined): string =>
    `body${t === undefined ? '' : `:has(#threat-${t}:checked)`}${e === undefined ? '' : `:has(#epsilon-${e}:checked)`}`;
  const board = (t: number | undefined, e: number | undefined): string =>
    `${body(t, e)} .board[data-view="${t ?? 0}-${e ?? 0}"] { display: block; }`;
  const heat = [1, 2].map(
    (e) => `${body(undefined, e)} [data-epsilon]:not([data-epsilon="${e}"]) { display: none; }`,
  );
  const others = (t: number): string =>
    `${body(t, undefined)} [data-threat]:not([data-threat="${t}"]) { display: none; }`;
  const faint = (t: number, kind: string): string =>
    `${body(t, undefined)} table.heat td:not(.${kind}) { opacity: 0.18; }`;

  test('show the chosen board, the matrix of the chosen bound, and fade what is of other threat models', () => {
    expect(rules(tournamentResult())).toEqual([
      ...[0, 1, 2].flatMap((t) => [0, 1, 2].map((e) => board(t, e))),
      ...heat,
      others(0),
      others(1),
      faint(1, 'transfer'),
      others(2),
      faint(2, 'white-box'),
    ]);
  });

  test('ask only for what can be chosen', () => {
    expect(rules(plain(low, high))).toEqual([0, 1, 2].map((e) => board(undefined, e)).concat(heat));
    expect(rules(oneBound())).toEqual([
      ...[0, 1, 2].map((t) => board(t, undefined)),
      others(0),
      others(1),
      faint(1, 'transfer'),
      others(2),
      faint(2, 'white-box'),
    ]);
    expect(rules(plain(low))).toEqual([board(undefined, undefined)]);
  });

  test('hide boards only where a browser can show them again', () => {
    const [first, second] = switchRules(plain(low)).split('\n');
    expect([first, second]).toEqual(['@supports selector(body:has(input)) {', '.board { display: none; }']);
  });
});

describe('boards', () => {
  const sections = (result: TournamentResult): Root[] =>
    boardSections(result).map((markup) => parsed(markup));
  const titles = (result: TournamentResult): string[] =>
    sections(result).map((s) => texts(s, 'section > p')[0] ?? '');

  test('say what they are over', () => {
    expect(titles(tournamentResult())).toEqual([
      'Over all threat models, all bounds.',
      'Over all threat models, L∞ ≤ 8/255.',
      'Over all threat models, L∞ ≤ 16/255.',
      'Over transfer pairs alone, all bounds.',
      'Over transfer pairs alone, L∞ ≤ 8/255.',
      'Over transfer pairs alone, L∞ ≤ 16/255.',
      'Over white box pairs alone, all bounds.',
      'Over white box pairs alone, L∞ ≤ 8/255.',
      'Over white box pairs alone, L∞ ≤ 16/255.',
    ]);
    expect(titles(oneBound())[0]).toBe('Over all threat models, L∞ ≤ 8/255.');
    expect(titles(plain(high))).toEqual(['Over one threat model, transfer, L∞ ≤ 16/255.']);
    expect(titles(plain(low, high))[0]).toBe('Over one threat model, transfer, all bounds.');
  });

  test('stand in the order of tracks, each with its meaning and a plot; empty ones are left out', () => {
    const [first] = sections(tournamentResult()) as [Root];
    expect(texts(first, 'h3')).toEqual(['Untargeted attacks', 'Targeted attacks', 'Defenses']);
    expect(texts(first, 'caption')).toEqual([
      'Score: mean share of images answered with a wrong class, with its 95 % interval over images.',
      'Score: mean share of images answered with the target class, with its 95 % interval over images.',
      'Score: mean share of images answered with the true class, with its 95 % interval over images.',
    ]);
    expect(texts(first, '.plots figcaption')).toEqual([
      'Untargeted attacks by rank; dashed: baselines',
      'Targeted attacks by rank; dashed: baselines',
      'Defenses by rank; dashed: baselines',
    ]);
    const result = tournamentResult();
    for (const boards of result.boards) boards.targeted = [];
    const [fewer] = sections(result) as [Root];
    expect(texts(fewer, 'h3')).toEqual(['Untargeted attacks', 'Defenses']);
    expect(fewer.querySelectorAll('.plots figure').length).toBe(2);
    expect(texts(first, 'section > p')).toHaveLength(1);
  });

  test('of pairs that never meet say so, and have neither table nor plot', () => {
    const nobody = 'No attack and defense of this tournament meet in this way.';
    const without = tournamentResult();
    without.boards = without.boards.filter((b) => b.threat !== 'transfer');
    const empty = tournamentResult();
    for (const boards of empty.boards)
      if (boards.threat === 'transfer') Object.assign(boards, { untargeted: [], targeted: [], defenses: [] });
    for (const result of [without, empty]) {
      const transfer = sections(result)[3] as Root;
      expect(texts(transfer, 'section > p')[1]).toBe(nobody);
      expect(transfer.querySelectorAll('table, .plots, h3').length).toBe(0);
    }
  });

  const row = (more: Partial<BoardRow>): BoardRow => ({
    rank: 1,
    name: 'first',
    baseline: false,
    score: { value: 0.5, low: 0.4, high: 0.6 },
    worst: { value: 0.2, low: 0.1, high: 0.3, opponent: 'other' },
    perImageWorst: { value: 0.1, low: 0.05, high: 0.15 },
    coverage: 1,
    ...more,
  });
  /** The board of defenses of a tournament of one bound, over everything. */
  const board = (rows: BoardRow[], result = plain(low)): Root => {
    result.boards = [{ threat: 'all', untargeted: [], targeted: [], defenses: rows }];
    return sections(result)[0] as Root;
  };

  test('a row has rank, name, score with its line, the worst opponent, and the worst of each image', () => {
    const table = board([row({}), row({ rank: 2, name: 'second', medianSeconds: 1.5 })]);
    expect(texts(table, 'thead th')).toEqual([
      '#',
      'Name',
      'Score',
      'Score as a line from 0 to 100 %',
      'Worst attack',
      'Per-image worst',
      'Median time',
    ]);
    expect(cells(table)).toEqual([
      ['1', 'first', '50.0 % (40.0–60.0)', '', '20.0 % (10.0–30.0)other', '10.0 % (5.0–15.0)', '–'],
      ['2', 'second', '50.0 % (40.0–60.0)', '', '20.0 % (10.0–30.0)other', '10.0 % (5.0–15.0)', '1.50 s'],
    ]);
    expect([
      one(table, '.line .dot').getAttribute('cx'),
      one(table, '.line .range').getAttribute('x1'),
      one(table, '.line .range').getAttribute('x2'),
    ]).toEqual(['55.0', '45.0', '65.0']);
  });

  test('clean accuracy has a column where one row has it', () => {
    const clean = { value: 0.9, low: 0.8, high: 0.95 };
    const table = board([row({ cleanAccuracy: clean }), row({ name: 'second' })]);
    expect(texts(table, 'thead th').at(-2)).toBe('Clean accuracy');
    expect(cells(table).map((c) => c.at(-2))).toEqual(['90.0 % (80.0–95.0)', '–']);
    expect(texts(board([row({})]), 'thead th')).not.toContain('Clean accuracy');
  });

  test('coverage is told below the score where images are missing', () => {
    const table = board([row({}), row({ name: 'second', coverage: 0.999 })]);
    expect(cells(table).map((c) => c[2])).toEqual([
      '50.0 % (40.0–60.0)',
      '50.0 % (40.0–60.0)coverage 99.9 %',
    ]);
  });

  test('baselines are marked', () => {
    const table = board([row({}), row({ name: 'second', baseline: true })]);
    expect(attributes(table, 'tbody tr', 'class')).toEqual(['', 'baseline']);
    expect(cells(table).map((c) => c[1])).toEqual(['first', 'second baseline']);
    expect(baselineTag({ baseline: false })).toBeUndefined();
    expect(texts(parsed(baselineTag({ baseline: true }) as object), '.tag')).toEqual(['baseline']);
  });

  test('of several threat models have each of them apart, at the bound of the board', () => {
    const result = tournamentResult();
    const scoreOf = (threat: string, epsilon?: number): string => {
      const at = result.boards.find((b) => b.threat === threat && b.epsilon === epsilon);
      const found = at?.untargeted.find((r) => r.name === 'pgd-40')?.score.value;
      return `${((found as number) * 100).toFixed(1)} %`;
    };
    const found = sections(result);
    const untargeted = (section: Root): Root => one(section, '[aria-label^="Untargeted"]');
    const [all, at8] = [untargeted(found[0] as Root), untargeted(found[1] as Root)];
    expect(texts(all, 'thead th').slice(4, 7)).toEqual(['Transfer', 'White box', 'Worst defense']);
    const cell = (table: Root) =>
      cells(table)
        .find((c) => c[1]?.startsWith('pgd-40'))
        ?.slice(4, 6);
    expect(cell(all)).toEqual([scoreOf('transfer'), scoreOf('white box')]);
    expect(cell(at8)).toEqual([scoreOf('transfer', low), scoreOf('white box', low)]);
    // Who opens nothing has no figure of a white box.
    expect(cells(all).find((c) => c[1]?.startsWith('random-noise'))?.[5]).toBe('–');
    // A board of one threat model has nothing to tell apart, nor has a tournament of one.
    expect(texts(untargeted(found[3] as Root), 'thead th')[4]).toBe('Worst defense');
    expect(texts(untargeted(sections(plain(low))[0] as Root), 'thead th')[4]).toBe('Worst defense');
    const asking = sections(askingResult())[0] as Root;
    expect(texts(untargeted(asking), 'thead th').slice(4, 7)).toEqual(['Transfer', 'Queries', 'White box']);
  });
});

test('a figure is told with its interval', () => {
  const found = parsed(figure({ value: 0.61, low: 0.55, high: 0.67 }));
  expect(texts(found, 'body')).toEqual(['61.0 % (55.0–67.0)']);
  expect(texts(found, '.interval')).toEqual(['(55.0–67.0)']);
});
