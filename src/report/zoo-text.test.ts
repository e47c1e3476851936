import { describe, expect, test } from 'vitest';
import type { Measured } from '../zoo/index.ts';
import { zooTable, zooText } from './zoo-text.ts';

const measured: Measured = {
  version: '0.2.0',
  model: 'hash',
  images: { part: 'dev', seed: 'zoo', count: 1000 },
  figures: [
    { name: 'clean', right: 923, count: 1000 },
    { name: 'fgsm 8/255', right: 0, count: 1000 },
    { name: 'longer than others', right: 500, count: 500 },
  ],
  checks: [],
};
const row = { name: 'small', title: 'A small one', bytes: 1_234_567, measured };

describe('the table of networks', () => {
  const cells = (rows: Parameters<typeof zooTable>[0]): string[][] =>
    zooTable(rows)
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  test('has size and headline figures, a dash for what is not known', () => {
    expect(cells([row, { name: 'new', title: 'New', bytes: undefined, measured: undefined }])).toEqual([
      ['network', 'kB', 'clean', 'fgsm 8/255', 'pgd-20 8/255'],
      [expect.stringMatching(/^─+$/)],
      ['small', '1,235', '92.3 %', '0.0 %', '–'],
      ['new', '–', '–', '–', '–'],
    ]);
  });

  test('names stand left, figures right', () => {
    const [head = '', , first = '', second = ''] = zooTable([
      row,
      { ...row, name: 'another', bytes: 1000 },
    ]).split('\n');
    expect([first.indexOf('small'), second.indexOf('another')]).toEqual([0, 0]);
    expect([first.indexOf('1,235') + 5, second.indexOf(' 1 ') + 2]).toEqual(
      Array.from({ length: 2 }, () => head.indexOf('kB') + 2),
    );
  });
});

describe('one network', () => {
  const text = (more: Partial<Parameters<typeof zooText>[0]> = {}, width = 80): string[] =>
    zooText({ ...row, recipe: 'title: Small\n', seconds: 150, ...more }, { width }).split('\n\n');

  test('tells its size and how long it was trained', () => {
    expect(text()[0]).toBe('small\nA small one; 1,235 kB, trained in 3 min');
    expect(text({ seconds: undefined })[0]).toBe('small\nA small one; 1,235 kB');
    expect(text({ bytes: undefined, seconds: undefined, measured: undefined })).toEqual([
      'small\nA small one; not trained yet',
      'title: Small',
    ]);
  });

  test('tells every figure with its interval, of how many images', () => {
    expect(text()[2]?.split('\n')).toEqual([
      'Accuracy on 1,000 photographs of the part dev, seed zoo, or the first of them; 95 % intervals:',
      '  clean               92.3 % (90.5–93.8) of 1,000',
      '  fgsm 8/255          0.0 % (0.0–0.4) of 1,000',
      '  longer than others  100.0 % (99.2–100.0) of 500',
    ]);
    expect(text({ measured: { ...measured, device: 'cuda' as never } })[2]).toContain(
      'the first of them, on cuda; 95 %',
    );
  });

  test('tells which claims hold and which do not, and nothing where none was made', () => {
    const checks = [
      { claim: 'It holds.', found: '1 point', held: true },
      { claim: 'It fails here.', found: '2 points', held: false },
    ];
    expect(text({ measured: { ...measured, checks } })[3]).toBe(
      'holds  It holds. 1 point\nfails  It fails here. 2 points',
    );
    expect(text({ measured: { ...measured, checks } }, 22)[3]).toBe(
      'holds  It holds. 1\n       point\nfails  It fails here.\n       2 points',
    );
    expect(text()).toHaveLength(3);
  });
});
