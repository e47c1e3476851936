import { describe, expect, test } from 'vitest';
import { askingResult, tournamentResult } from '../../test/report/tournament-result.ts';
import type { BoardRow } from '../arena/index.ts';
import { boardsAt, cellIndex, orderOf, readingsOf, threatsOf, tracks, verdict } from './reading.ts';

const [low, high] = tournamentResult().epsilons as [number, number];

test('boards are found by threat model and bound, none being over all', () => {
  const result = tournamentResult();
  expect(boardsAt(result, 'transfer', high)).toMatchObject({ threat: 'transfer', epsilon: high });
  expect(boardsAt(result, 'white box')?.epsilon).toBeUndefined();
  expect(boardsAt(result, 'queries')).toBeUndefined();
  expect(boardsAt(result, 'all', 0.5)).toBeUndefined();
});

test('tracks: attacks before defenses', () => {
  expect(tracks.map(({ key, one }) => [key, one])).toEqual([
    ['untargeted', 'attack'],
    ['targeted', 'attack'],
    ['defenses', 'defense'],
  ]);
});

describe('readings', () => {
  test('threat models that occur, the weakest first, whatever the order of cells', () => {
    const result = askingResult();
    result.cells.reverse();
    expect(threatsOf(result)).toEqual(['transfer', 'queries', 'white box']);
    result.cells = result.cells.filter((c) => c.threat === 'white box');
    expect(threatsOf(result)).toEqual(['white box']);
  });

  test('all comes first, and alone where there is one of them', () => {
    expect(readingsOf(tournamentResult())).toEqual({
      threats: ['all', 'transfer', 'white box'],
      epsilons: [undefined, low, high],
    });
    const result = tournamentResult();
    result.epsilons = [high];
    result.cells = result.cells.filter((c) => c.threat === 'transfer');
    expect(readingsOf(result)).toEqual({ threats: ['all'], epsilons: [undefined] });
  });
});

describe('the order of names', () => {
  const rows = (...names: string[]): BoardRow[] => names.map((name) => ({ name }) as BoardRow);
  const named = (...names: string[]) => names.map((name) => ({ name }));
  const result = tournamentResult();
  Object.assign(result, {
    attacks: named('t1', 'u1', 'late', 'u2', 't2'),
    defenses: named('d1', 'd2', 'd3'),
    boards: [
      { threat: 'all', epsilon: low, untargeted: rows('u1', 'u2'), targeted: [], defenses: rows('d1', 'd2') },
      {
        threat: 'all',
        untargeted: rows('u2', 'gone', 'u1'),
        targeted: rows('t2', 't1'),
        defenses: rows('d3', 'd1'),
      },
    ],
  });

  test('is that of ranks over everything, untargeted attacks first, names without a rank last', () => {
    expect(orderOf(result, 'attacks')).toEqual(['u2', 'u1', 't2', 't1', 'late']);
    expect(orderOf(result, 'defenses')).toEqual(['d3', 'd1', 'd2']);
  });

  test('is that of the rules without ranks', () => {
    expect(orderOf({ ...result, boards: [] }, 'attacks')).toEqual(['t1', 'u1', 'late', 'u2', 't2']);
  });
});

test('a cell is found by attack, defense and bound; names that run together are not mixed up', () => {
  const result = tournamentResult();
  const [cell] = result.cells;
  if (cell === undefined) throw new Error('no cell');
  result.cells = [
    { ...cell, attack: 'a,b', defense: 'c', epsilon: low, accuracy: 0.1 },
    { ...cell, attack: 'a', defense: 'b,c', epsilon: low, accuracy: 0.2 },
    { ...cell, attack: 'a', defense: 'b,c', epsilon: high, accuracy: 0.3 },
  ];
  const find = cellIndex(result);
  expect(
    [find('a,b', 'c', low), find('a', 'b,c', low), find('a', 'b,c', high)].map((c) => c?.accuracy),
  ).toEqual([0.1, 0.2, 0.3]);
  expect(find('a,b', 'c', high)).toBeUndefined();
  expect(find('c', 'a,b', low)).toBeUndefined();
});

test('a difference is decided where its interval lies on one side of 0, and does not touch it', () => {
  const words = (low: number, high: number): string => verdict({ value: (low + high) / 2, low, high });
  expect(words(0.001, 0.2)).toBe('stronger');
  expect(words(-0.2, -0.001)).toBe('weaker');
  for (const [from, to] of [
    [-0.1, 0.1],
    [0, 0.1],
    [-0.1, 0],
    [0, 0],
  ] as const)
    expect(words(from, to)).toBe('not decided');
});
