import { describe, expect, test } from 'vitest';
import { type CatalogPage, type CatalogRow, catalogTable, catalogText } from './catalog-text.ts';

const row = (name: string, facts: CatalogRow['facts']): CatalogRow => ({ name, title: `The ${name}`, facts });
const columns = (text: string): string[][] =>
  text
    .split('\n')
    .filter((_, i) => i !== 1)
    .map((line) => line.trimEnd().split(/ {2,}/));

describe('a table of entries', () => {
  const rows = [
    row('one', { norms: ['a', 'b'], access: 'scores' }),
    row('two', { norms: ['a'], access: 'gradient' }),
    row('three', { norms: [] }),
  ];

  test('has every fact of the first entry, in its order', () => {
    expect(columns(catalogTable('view', rows))).toEqual([
      ['view', 'what it is', 'norms', 'access'],
      ['one', 'The one', 'a, b', 'scores'],
      ['two', 'The two', 'a', 'gradient'],
      ['three', 'The three'],
    ]);
  });

  test('says all for lists of everything where it is narrow, not for one thing alone', () => {
    const narrow = (facts: readonly string[][]): string[] => {
      const table = catalogTable(
        'view',
        facts.map((norms, i) => row(`n${i}`, { norms })),
        { width: 30 },
      );
      return columns(table)
        .slice(1)
        .map(([, , fact]) => fact ?? '');
    };
    const long = 'a-name-of-sixteen';
    expect(narrow([[long, 'b'], ['b']])).toEqual(['all', 'b']);
    // A list is not all that is short of one, nor one of a single thing.
    expect(
      narrow(
        [
          ['a', 'b'],
          ['c', long],
        ].map((l) => l.slice(0, 1)),
      ),
    ).toEqual(['a', 'c']);
    expect(
      narrow([
        [long, 'b'],
        ['b', 'c'],
      ]),
    ).toEqual(['', '']);
  });

  test('leaves out the last facts first', () => {
    const heads = (width: number): string[] => columns(catalogTable('view', rows, { width }))[0] ?? [];
    // 5 and 9 or 10 for name and title, 5 for norms, 8 for access, 2 between each.
    expect([heads(34), heads(33), heads(24), heads(23)].map((h) => h.length)).toEqual([4, 3, 3, 2]);
  });

  test('without entries has its heads alone', () => {
    expect(columns(catalogTable('view', []))).toEqual([['view', 'what it is']]);
  });
});

describe('one entry', () => {
  const page: CatalogPage = {
    ...row('one', { access: 'scores', norms: ['a', 'b'] }),
    paper: 'Somebody 2020',
    options: [],
    example: 'advarena one',
  };
  const option = (more: object) => ({
    name: 'steps',
    values: 'whole number',
    required: false,
    description: '',
    schema: {},
    ...more,
  });
  const options = (...given: object[]): string[] =>
    (catalogText({ ...page, options: given.map(option) }).split('\n\n')[2] ?? '').split('\n');

  test('has its facts in two columns, the paper first, and an example last', () => {
    expect(catalogText(page).split('\n\n')).toEqual([
      'one\nThe one',
      'paper   Somebody 2020\naccess  scores\nnorms   a, b',
      'It takes no options.',
      'example\n  advarena one',
    ]);
  });

  test('an option must be given, has a default, or neither', () => {
    expect(options({ required: true })).toEqual(['steps', '  whole number; must be given']);
    expect(options({ required: true, default: 3 })).toEqual(['steps', '  whole number; must be given']);
    expect(options({})).toEqual(['steps', '  whole number']);
    expect(options({ default: 0 })).toEqual(['steps', '  whole number; default 0']);
    expect(options({ default: false })).toEqual(['steps', '  whole number; default false']);
    expect(options({ default: 'margin' })).toEqual(['steps', '  whole number; default margin']);
    expect(options({ default: ['a', 'b'] })).toEqual(['steps', '  whole number; default ["a","b"]']);
  });

  test('an option is described below where it is', () => {
    expect(options({ description: 'of the search' }, { name: 'seed' })).toEqual([
      'steps',
      '  whole number',
      '  of the search',
      'seed',
      '  whole number',
    ]);
  });
});
