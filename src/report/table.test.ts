import { describe, expect, test } from 'vitest';
import { pad, painter, textTable, widthOf, wrap } from './table.ts';

const paint = painter(false);
const columns = [{ head: 'name' }, { head: 'score', align: 'right' as const }];

describe('names that are not as wide as long', () => {
  /** With the columns that a terminal gives them: East Asian Width of Unicode, marks on the sign before. */
  const names = [
    ['日本語', 6],
    ['ＡＢＣ', 6],
    ['ｱｲｳ', 3],
    ['한국', 4],
    ['한국'.normalize('NFD'), 4],
    ['café', 4],
    ['cafe\u0301', 4],
    ['สวัสดี', 4],
    ['🙂 team', 7],
    ['🫨', 2],
    ['👩‍👩‍👧 team', 7],
    ['🇩🇪', 2],
    ['zero\u200Bwidth', 9],
  ] as const;

  test.for(names)('%s', ([name, width]) => {
    expect(widthOf(name)).toBe(width);
  });

  test('line up in a table', () => {
    const rows = [...names.map(([name]) => [name, '1.0']), ['twelve signs', '100.0']];
    const [, , ...lines] = textTable([{ columns, rows }], { paint, width: 80, shrink: 0 }).split('\n');
    expect(lines).toEqual([
      ...names.map(([name, width]) => `${name}${' '.repeat(12 - width)}    1.0`),
      'twelve signs  100.0',
    ]);
  });

  test('are filled up on either side', () => {
    expect([pad('日本', 6), pad('日本', 6, 'right'), pad('日本', 3)]).toEqual(['日本  ', '  日本', '日本']);
  });

  test('are cut where nothing fits', () => {
    const rows = [['日本語の名前', '61.0 %']];
    expect(textTable([{ columns, rows }], { paint, width: 16, shrink: 0 })).toMatchInlineSnapshot(`
      "name      score
      ───────────────
      日本語…  61.0 %"
    `);
  });

  test('break lines where they reach the edge', () => {
    expect(wrap('日本語 テスト abc', 10)).toBe('日本語\nテスト abc');
  });
});

describe('sentences', () => {
  test('are broken at spaces, and go on indented', () => {
    expect(wrap('CODE  one two three four', 14, '  ')).toBe('CODE  one\n  two three\n  four');
    expect(wrap('a unbreakableword b', 6)).toBe('a\nunbreakableword\nb');
  });

  test('keep colours, which take no room', () => {
    const yellow = (text: string): string => `\u001B[33m${text}\u001B[39m`;
    expect(wrap(`${yellow('CODE')}  one two`, 9)).toBe(`${yellow('CODE')}  one\ntwo`);
    expect(wrap(yellow('one two'), 4)).toBe(`${yellow('one')}\n${yellow('two')}`);
  });
});

test('where nothing fits, the names are cut and the figures stay', () => {
  const table = {
    columns,
    rows: [['a-very-long-name', '61.0 %']],
  };
  expect(textTable([table], { paint, width: 18, shrink: 0 })).toMatchInlineSnapshot(`
    "name         score
    ──────────────────
    a-very-lo…  61.0 %"
  `);
});

describe('of several forms of a table', () => {
  const form = (...cells: string[]) => ({ columns: cells.map(() => ({ head: 'h' })), rows: [cells] });
  const rich = form('1234', '5678');
  const lean = form('1234');
  const drawn = (width: number): string =>
    textTable([rich, lean], { paint, width, shrink: 0 }).split('\n')[2] ?? '';

  test('the first that fits is taken, to the last column', () => {
    expect([drawn(11), drawn(10), drawn(9), drawn(4)]).toEqual(['1234  5678', '1234  5678', '1234', '1234']);
  });

  test('none is nothing', () => {
    expect(textTable([], { paint, width: 10, shrink: 0 })).toBe('');
  });

  test('a column is cut to what is left for it, and to six columns at least', () => {
    const wide = { columns, rows: [['a-very-long-name', '61.0 %']] };
    const names = (width: number): string =>
      textTable([wide], { paint, width, shrink: 0 }).split('\n')[2]?.split(' ')[0] ?? '';
    // 8 go to the score and to what parts it from the name.
    expect([24, 23, 15, 14, 13, 1].map(names)).toEqual([
      'a-very-long-name',
      'a-very-long-na…',
      'a-very…',
      'a-ver…',
      'a-ver…',
      'a-ver…',
    ]);
  });

  test('a head that is longer than its names is cut as they are', () => {
    const table = { columns: [{ head: 'a-long-head' }, { head: 'x' }], rows: [['name', '1']] };
    expect(textTable([table], { paint, width: 10, shrink: 0 }).split('\n')).toEqual([
      'a-long…  x',
      '──────────',
      'name     1',
    ]);
  });
});

test('the rule is as long as the longest line, and no line ends in spaces', () => {
  const table = {
    columns: [{ head: 'name' }, { head: 'note' }],
    rows: [
      ['a', ''],
      ['bcdefg', 'x'],
    ],
  };
  expect(textTable([table], { paint, width: 80, shrink: 0 }).split('\n')).toEqual([
    'name    note',
    '────────────',
    'a',
    'bcdefg  x',
  ]);
});

test('the width of a text is that of its longest line', () => {
  expect(['', 'a', 'ab\nabcd\nabc'].map(widthOf)).toEqual([0, 1, 4]);
});

test('colours are there where they are wanted', () => {
  expect(painter(false)('red', 'text')).toBe('text');
  expect(painter(true)('red', 'text')).toBe('\u001B[31mtext\u001B[39m');
});
