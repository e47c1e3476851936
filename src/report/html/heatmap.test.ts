import { describe, expect, test } from 'vitest';
import { attributes, cells, parsed, type Root, texts } from '../../../test/report/dom.ts';
import { tournamentResult } from '../../../test/report/tournament-result.ts';
import type { Cell, ThreatModel, TournamentResult } from '../../arena/index.ts';
import { heatKey, heatmap } from './heatmap.ts';

const [low, high] = tournamentResult().epsilons as [number, number];
const attack = (name: string, goal: 'untargeted' | 'targeted') => ({
  name,
  attack: 'pgd',
  options: {},
  goal,
  sources: [],
  baseline: false,
});
const defense = (name: string) => ({ name, model: 'm', chain: [], baseline: false });
const cell = (
  [name, against]: [string, string],
  accuracy: number,
  threat: ThreatModel,
  more: Partial<Cell> = {},
): Cell => ({
  attack: name,
  defense: against,
  epsilon: low,
  threat,
  images: 10,
  accuracy,
  error: 1 - accuracy,
  ...more,
});

/** Two attacks, two defenses, all three threat models; without boards names keep their order. */
function small(): TournamentResult {
  return {
    ...tournamentResult(),
    attacks: [attack('t', 'targeted'), attack('u', 'untargeted')],
    defenses: [defense('d1'), defense('d2')],
    boards: [],
    cells: [
      cell(['u', 'd1'], 0, 'transfer'),
      cell(['u', 'd2'], 1, 'white box'),
      cell(['t', 'd1'], 0.5, 'queries', { hit: 0.125 }),
      cell(['u', 'd1'], 0.75, 'transfer', { epsilon: high }),
    ],
  };
}
const map = (result: TournamentResult, ...rest: [number, 'hit'?]): Root => parsed(heatmap(result, ...rest));

describe('the matrix', () => {
  test('untargeted attacks first, each group under its name, a dash where two never met', () => {
    expect(cells(map(small(), low))).toEqual([
      ['Untargeted'],
      ['u', '0.0', '100.0 white box'],
      ['Targeted'],
      ['t', '50.0', '–'],
    ]);
    expect(texts(map(small(), low), 'thead th')).toEqual(['Attack', 'd1', 'd2']);
    expect(attributes(map(small(), low), '.group th', 'colspan')).toEqual(['3', '3']);
  });

  test('grounds are of the share: where the attack wins 0, where the defense does 20', () => {
    expect(attributes(map(small(), low), 'td', 'class')).toEqual([
      'h0 transfer',
      'h20 white-box',
      'h10 queries',
      'none',
    ]);
    expect(attributes(map(small(), high), 'td', 'class')).toEqual(['h15 transfer', 'none', 'none', 'none']);
  });

  test('targets reached: targeted attacks alone, and the more hits, the nearer to where the attack wins', () => {
    const result = small();
    result.cells.push(cell(['t', 'd2'], 0.1, 'transfer', { hit: 0.9 }));
    const hits = map(result, low, 'hit');
    expect(cells(hits)).toEqual([['t', '12.5', '90.0']]);
    expect(attributes(hits, 'td', 'class')).toEqual(['h18 queries', 'h2 transfer']);
    expect(texts(hits, 'caption')).toEqual(['Share answered with the target in %, L∞ ≤ 8/255']);
    expect(attributes(hits, 'table', 'data-shown')).toEqual(['hit']);
  });

  test('a cell without hits has a dash among them', () => {
    const result = small();
    result.cells = [cell(['t', 'd1'], 0.5, 'transfer')];
    expect(cells(map(result, low, 'hit'))).toEqual([['t', '–', '–']]);
  });

  test('is of one bound, which it names and the switches know by number', () => {
    for (const [epsilon, number, text] of [
      [low, '1', '8/255'],
      [high, '2', '16/255'],
    ] as const) {
      const found = map(small(), epsilon);
      expect(attributes(found, '[data-epsilon]', 'data-epsilon')).toEqual([number]);
      expect(texts(found, 'caption')).toEqual([`Accuracy of the defense in %, L∞ ≤ ${text}`]);
    }
  });

  test('one group needs no name; none is nothing', () => {
    const result = small();
    result.attacks = [attack('u', 'untargeted')];
    expect(cells(map(result, low))).toEqual([['u', '0.0', '100.0 white box']]);
    expect(String(heatmap(result, low, 'hit'))).toBe('');
    result.attacks = [];
    expect(String(heatmap(result, low))).toBe('');
  });

  test('names of more than ten defenses stand upright', () => {
    const wide = (count: number): string[] => {
      const defenses = Array.from({ length: count }, (_, i) => defense(`d${i}`));
      return attributes(map({ ...small(), defenses }, low), 'table', 'class');
    };
    expect([wide(10), wide(11)]).toEqual([['heat'], ['heat dense']]);
  });
});

test('the key runs from where the attack wins to where the defense does', () => {
  const key = parsed(heatKey());
  expect(attributes(key, '.ramp b', 'class')).toEqual(
    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map((step) => `h${step}`),
  );
  expect(texts(key, '.ramp')).toEqual(['attack wins  defense wins']);
});
