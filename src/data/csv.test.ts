import { describe, expect, test } from 'vitest';
import { type CsvCell, csvText } from './csv.ts';

const written = (...cells: CsvCell[]): string => csvText([cells]);

describe('CSV text', () => {
  test('a line per row; what is not there is empty', () => {
    const rows = [
      ['name', 'share', 'done'],
      ['a', 0.25, true],
      ['', null, undefined],
    ];
    expect(csvText(rows)).toBe('name,share,done\na,0.25,true\n,,\n');
  });

  test('commas, quotes and line ends are quoted', () => {
    expect(written('a, b', 'say "b"', 'c\nd', 'e\rf', 'g h')).toBe('"a, b","say ""b""","c\nd","e\rf",g h\n');
  });

  test('texts that a spreadsheet would calculate are guarded, numbers stay numbers', () => {
    expect(written('=1+2', '+a', '-a', '@a', '\ta', 'a=b', "'a")).toBe("'=1+2,'+a,'-a,'@a,'\ta,a=b,'a\n");
    expect(written('=A1,"x"')).toBe(`"'=A1,""x"""\n`);
    expect(written(-0.5, -1e-9, '-0.5')).toBe("-0.5,-1e-9,'-0.5\n");
  });

  test('but not in the copy of a file', () => {
    expect(csvText([['=1+2', '@a', 'a, b']], { copied: true })).toBe('=1+2,@a,"a, b"\n');
  });
});
