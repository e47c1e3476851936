import { describe, expect, test } from 'vitest';
import { attackResult } from '../../test/report/attack-result.ts';
import { tournamentResult } from '../../test/report/tournament-result.ts';
import type { TournamentResult } from '../arena/index.ts';
import { attackTable, tournamentTables } from './index.ts';
import { widthOf } from './table.ts';

const escape = '\u001B';

describe('tournament tables', () => {
  test.for([80, 150])('%i columns', async (width) => {
    await expect(tournamentTables(tournamentResult(), { width })).toMatchFileSnapshot(
      `snapshots/tournament-${width}.txt`,
    );
  });

  test.for([50, 72, 100, 132])('no line is longer than %i columns', (width) => {
    expect(widthOf(tournamentTables(tournamentResult(), { width }))).toBeLessThanOrEqual(width);
  });

  test('names of wide signs keep within the width', () => {
    const wide = JSON.parse(
      JSON.stringify(tournamentResult()).replaceAll('mobilenet', '移动网络').replaceAll('fgsm', '梯度🙂法'),
    ) as TournamentResult;
    expect(tournamentTables(wide, { width: 80 })).toContain('移动网络_v2-median');
    expect(widthOf(tournamentTables(wide, { width: 80 }))).toBeLessThanOrEqual(80);
  });

  test('colours change nothing but the colours', () => {
    const coloured = tournamentTables(tournamentResult(), { width: 80, colour: true });
    expect(coloured).toContain(`${escape}[`);
    const plain = coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '');
    expect(plain.replaceAll(/ +$/gm, '')).toBe(tournamentTables(tournamentResult(), { width: 80 }));
  });

  test('one threat model is not printed three times', () => {
    const result = tournamentResult();
    result.cells = result.cells.map((c) => ({ ...c, threat: 'transfer' }));
    const text = tournamentTables(result);
    expect(text.match(/^Defenses, .*/gm)).toEqual([
      'Defenses, all transfer: share answered right, 95 % interval',
    ]);
  });

  test('what was not measured is a dash, and nothing else goes missing', () => {
    const result = tournamentResult();
    result.cells = result.cells.filter((c) => c.attack !== 'bim');
    const row = tournamentTables(result, { width: 150 })
      .split('\n')
      .find((line) => /^bim +– +–/.test(line));
    expect(row?.match(/–/g)).toHaveLength(6);
  });
});

describe('attack table', () => {
  test('80 columns', async () => {
    await expect(attackTable(attackResult(), { width: 80 })).toMatchFileSnapshot('snapshots/attack-80.txt');
  });

  test('targeted: of all images, those with the target', () => {
    const result = attackResult();
    const samples = result.samples.map((s) => ({ ...s, target: 4, success: s.adversarial === 4 }));
    const won = samples.filter((s) => s.success).length;
    expect(attackTable({ ...result, goal: 'targeted', samples })).toContain(
      `target reached   ${((won / 40) * 100).toFixed(1)} %, ${won} of 40`,
    );
  });

  test('no images at all', () => {
    expect(attackTable({ ...attackResult(), samples: [], flags: [] })).toContain(
      'fooled           –, 0 of 0',
    );
  });
});
