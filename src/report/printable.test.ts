import { expect, test } from 'vitest';
import { attackResult } from '../../test/report/attack-result.ts';
import { tournamentResult } from '../../test/report/tournament-result.ts';
import { inspect } from '../autodiff/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { attackTable, attackTables, inspectionText, tournamentTables, zooTable, zooText } from './index.ts';
import { printable, printableLines } from './printable.ts';

/** Clears the screen, sets the title, moves up: what a stranger could write into a name. */
const hostile = '\u001B[2J\u001B]0;x\u0007\u009B1A\r\n\t';
const written = '\\x1b[2J\\x1b]0;x\\x07\\x9b1A\\r\\n\\t';

test('control characters are written out, all else stays', () => {
  expect(printable(`a${hostile}\u007F\0`)).toBe(`a${written}\\x7f\\x00`);
  expect(printable('naïve 日本語 👩‍👩‍👧 cafe\u0301 \\x1b')).toBe('naïve 日本語 👩‍👩‍👧 cafe\u0301 \\x1b');
});

test('signs that turn text round are written out', () => {
  expect(printable('gpj.\u202Eexe\u2066a\u2069\u200F\u2028b')).toBe(
    'gpj.\\u{202e}exe\\u{2066}a\\u{2069}\\u{200f}\\u{2028}b',
  );
});

test('in all of plain data, which is not changed', () => {
  const data = { name: '\u001B', n: [1, null, { '\u0007': ['\n', undefined, true] }] };
  const before = structuredClone(data);
  expect(printable(data)).toEqual({ name: '\\x1b', n: [1, null, { '\\x07': ['\\n', undefined, true] }] });
  expect(data).toEqual(before);
});

test('lines stay lines where they are asked for', () => {
  expect(printableLines('a\u001B\nb\tc')).toBe('a\\x1b\nb\\tc');
});

/** Puts the hostile text into every text of plain data, in front of what it was. */
function spoilt<T>(value: T, spared: readonly string[]): T {
  if (typeof value === 'string') return (spared.includes(value) ? value : hostile + value) as T;
  if (Array.isArray(value)) return value.map((each) => spoilt(each as unknown, spared)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, spoilt(v, spared)])) as T;
}

const words = [
  'all',
  'transfer',
  'white box',
  'linf',
  'cycle',
  'untargeted',
  'targeted',
  'rule',
  'zero',
  'dev',
];
const measured = {
  version: '0.1.0',
  model: 'hash',
  images: { part: 'dev' as const, seed: 'zoo', count: 10 },
  figures: [{ name: 'clean', count: 10, right: 9 }],
  checks: [{ claim: 'It holds.', found: '1 point', held: true }],
};
const row = { name: 'small', title: 'Small', bytes: 1000, measured };
const opened = { ...attackResult(), sources: ['other'], through: [{ name: 'eot', options: { draws: 4 } }] };
const b = new GraphBuilder();
const x = b.input('x', 'float32', [1, 4]);
b.output(b.op('Mystery', [x]), 'y');

test.for([
  ['tournamentTables', () => tournamentTables(spoilt(tournamentResult(), words))],
  ['attackTable', () => attackTable(spoilt(attackResult(), words))],
  ['attackTables', () => attackTables([0, 1].map(() => spoilt(opened, words)))],
  ['inspectionText', () => inspectionText(hostile, spoilt(inspect(b.finish()), words))],
  ['zooTable', () => zooTable(spoilt([row], words))],
  ['zooText', () => zooText(spoilt({ ...row, recipe: 'title: Small', seconds: 60 }, words))],
] as const)('%s gives nothing but lines of signs', ([, text], { expect: check }) => {
  check(text()).toContain('\\x1b[2J');
  check(text()).not.toMatch(/[^\P{Cc}\n]/u);
});
