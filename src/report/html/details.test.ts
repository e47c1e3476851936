import { describe, expect, test } from 'vitest';
import { attributes, cells, one, parsed, type Root, texts } from '../../../test/report/dom.ts';
import { tournamentResult } from '../../../test/report/tournament-result.ts';
import type { BoardRow, TournamentResult } from '../../arena/index.ts';
import { entryTables, epsilonTables, flagList, timeTable } from './details.ts';

test('a line for each flag, its code first', () => {
  const list = parsed(
    flagList([
      { code: 'first', message: 'One <b>thing</b>.' },
      { code: 'second', message: 'Another.' },
    ]),
  );
  expect(texts(list, 'li')).toEqual(['firstOne <b>thing</b>.', 'secondAnother.']);
  expect(texts(list, 'li code')).toEqual(['first', 'second']);
});

describe('entries', () => {
  const result = tournamentResult();
  result.attacks = [
    { name: 'alone', attack: 'noop', options: {}, goal: 'targeted', sources: [], baseline: true },
    {
      name: 'asking',
      attack: 'pgd',
      options: { steps: 40, loss: 'margin' },
      goal: 'untargeted',
      sources: ['m1', 'm2'],
      opponent: 'gradient',
      baseline: false,
    },
    {
      name: 'a2',
      attack: 'nes',
      options: {},
      goal: 'untargeted',
      sources: [],
      opponent: 'scores',
      baseline: false,
    },
    {
      name: 'a3',
      attack: 'hop',
      options: {},
      goal: 'untargeted',
      sources: [],
      opponent: 'decision',
      baseline: false,
    },
  ];
  result.defenses = [
    { name: 'bare', model: 'm1', chain: [], baseline: true },
    {
      name: 'long',
      model: 'm2',
      chain: [
        { name: 'jpeg', options: { quality: 75 } },
        { name: 'median', options: {} },
      ],
      baseline: false,
    },
  ];
  result.networks = [
    { name: 'm1', file: 'models/m1.onnx', onnx: '0123456789abcdef01', sidecar: null },
    { name: 'm2', file: 'm2.onnx', onnx: 'fedcba987654321001', sidecar: 'a'.repeat(64), logits: true },
  ];
  const tables = parsed(entryTables(result));

  test('attacks: what they may open and ask for', () => {
    const table = one(tables, '[aria-label="Attacks"]');
    expect(cells(table)).toEqual([
      ['alone baseline', 'noop', '', 'targeted', 'no model', 'nothing'],
      ['asking', 'pgd', 'steps 40, loss margin', 'untargeted', 'm1, m2', 'gradients'],
      ['a2', 'nes', '', 'untargeted', 'no model', 'scores'],
      ['a3', 'hop', '', 'untargeted', 'no model', 'decisions'],
    ]);
    expect(attributes(table, 'tbody tr', 'class')).toEqual(['baseline', '', '', '']);
  });

  test('defenses: what an image passes, in its order', () => {
    const table = one(tables, '[aria-label="Defenses"]');
    expect(cells(table)).toEqual([
      ['bare baseline', 'nothing', 'm1'],
      ['long', 'jpeg:quality=75 → median', 'm2'],
    ]);
    expect(attributes(table, 'tbody tr', 'class')).toEqual(['baseline', '']);
  });

  test('networks: which files they are, and what was cut off', () => {
    expect(cells(one(tables, '[aria-label="Networks"]'))).toEqual([
      ['m1', 'models/m1.onnx', '0123456789abcdef', 'none', 'nothing'],
      ['m2', 'm2.onnx', 'fedcba9876543210', 'aaaaaaaaaaaaaaaa', 'final softmax or sigmoids'],
    ]);
  });
});

const row = (name: string, value: number, more: Partial<BoardRow> = {}): BoardRow => ({
  rank: 1,
  name,
  baseline: false,
  score: { value, low: value, high: value },
  worst: { value, low: value, high: value, opponent: 'other' },
  perImageWorst: { value, low: value, high: value },
  coverage: 1,
  ...more,
});

describe('scores by bound', () => {
  const result = tournamentResult();
  const [low, high] = result.epsilons as [number, number];
  const boards = (threat: 'all' | 'transfer' | 'white box', epsilon: number | undefined, by: number) => ({
    threat,
    ...(epsilon === undefined ? {} : { epsilon }),
    untargeted: [row('a', 0.1 + by), row('b', 0.2 + by, { baseline: true })],
    targeted: [],
    defenses: epsilon === high ? [] : [row('d', 0.5 + by)],
  });
  result.boards = (['all', 'transfer', 'white box'] as const).flatMap((threat, i) => [
    boards(threat, undefined, i / 100),
    boards(threat, low, 0.03 + i / 100),
    boards(threat, high, 0.06 + i / 100),
  ]);
  const tables = epsilonTables(result).map((markup) => parsed(markup));

  test('one table for all, and one for each threat model, which the switches know by number', () => {
    expect(tables.map((t) => texts(t, 'caption')[0])).toEqual([
      'Score at each L∞ bound, over all threat models.',
      'Score at each L∞ bound, transfer pairs alone.',
      'Score at each L∞ bound, white box pairs alone.',
    ]);
    expect(tables.flatMap((t) => attributes(t, '[data-threat]', 'data-threat'))).toEqual(['0', '1', '2']);
  });

  test('bounds in their order, then all; a dash where a bound has no figure', () => {
    const [all, transfer] = tables as [Root, Root];
    expect(texts(all, 'thead th')).toEqual(['Name', '8/255', '16/255', 'all']);
    expect(cells(all)).toEqual([
      ['Untargeted attacks'],
      ['a', '13.0 %', '16.0 %', '10.0 %'],
      ['b', '23.0 %', '26.0 %', '20.0 %'],
      ['Defenses'],
      ['d', '53.0 %', '–', '50.0 %'],
    ]);
    expect(cells(transfer)[1]).toEqual(['a', '14.0 %', '17.0 %', '11.0 %']);
  });

  test('the heads of groups reach over all columns; baselines are marked', () => {
    const [all] = tables as [Root];
    expect(attributes(all, 'th[scope="rowgroup"]', 'colspan')).toEqual(['4', '4']);
    expect(attributes(all, 'tbody tr', 'class')).toEqual(['', '', 'baseline', '', '']);
  });
});

describe('times', () => {
  const timed = (untargeted: BoardRow[], defenses: BoardRow[]): TournamentResult => ({
    ...tournamentResult(),
    boards: [{ threat: 'all', untargeted, targeted: [], defenses }],
  });

  test('the slowest first, attacks and defenses together; who has none is left out', () => {
    const table = timeTable(
      timed(
        [
          row('a', 0, { medianSeconds: 2 }),
          row('none', 0),
          row('b', 0, { medianSeconds: 30, baseline: true }),
        ],
        [row('d', 0, { medianSeconds: 5 })],
      ),
    );
    const found = parsed(table as object);
    expect(cells(found)).toEqual([
      ['b', 'attack', '30.0 s'],
      ['d', 'defense', '5.00 s'],
      ['a', 'attack', '2.00 s'],
    ]);
    expect(attributes(found, 'tbody tr', 'class')).toEqual(['baseline', '', '']);
  });

  test('no table without times', () => {
    expect(timeTable(timed([row('a', 0)], [row('d', 0)]))).toBeUndefined();
    expect(timeTable({ ...tournamentResult(), boards: [] })).toBeUndefined();
  });

  test('a time of 0 is a time', () => {
    const table = timeTable(timed([row('a', 0, { medianSeconds: 0 })], []));
    expect(cells(parsed(table as object))).toEqual([['a', 'attack', '0.000 s']]);
  });
});
