import { expect, test } from 'vitest';
import { filled } from '../../test/small-models.ts';
import { tensor } from '../tensor/index.ts';
import { contradicts, sharesIn } from './score-kinds.ts';

const rowsOf = (...rows: number[][]) =>
  tensor(Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
/** As graphs take logarithms, with their floor. */
const logs = (...rows: number[][]) =>
  rowsOf(...rows.map((row) => row.map((p) => Math.log(Math.max(p, 1e-30)))));

const shares = (size: number): number[] => {
  const all = [...filled('shares', [size]).data];
  const sum = all.reduce((a, v) => a + v, 0);
  return all.map((v) => v / sum);
};

test('probabilities that leave [0,1] or do not sum to 1 are told, if in one row', () => {
  const said = { kind: 'probabilities', whole: true } as const;
  const fair = [0.2, 0.5, 0.3];
  const wrong = [
    [2, -1, 0],
    [0.1, 0.2, 0.3],
    [0.6, 0.6, 0.6],
    [0.2, -0.5, 0.3],
    [40, -3, 2],
  ];
  expect(wrong.map((row) => contradicts(logs(fair, row), said))).toEqual(wrong.map(() => true));
  // A column may have been cut off, and so what it held.
  expect(contradicts(logs([0.1, 0.2, 0.3]), { ...said, whole: false })).toBe(false);
  expect(contradicts(logs([0.6, 0.6, 0.6]), { ...said, whole: false })).toBe(true);
  expect(contradicts(logs([2, -1, 0]), { ...said, kind: 'logits' })).toBe(false);
});

test('sigmoids need not sum to 1', () => {
  const said = { kind: 'sigmoids', whole: true } as const;
  expect(contradicts(logs([0.9, 0.8, 0.7], [0.1, 0, 0]), said)).toBe(false);
  expect(contradicts(logs([0.9, 1.2, 0.7]), said)).toBe(true);
});

test.for([2, 10, 1000])('of %i classes rounding is allowed for', (classes) => {
  const said = { kind: 'probabilities', whole: true } as const;
  const row = shares(classes);
  const eight = row.map((p) => Math.round(p * 256) / 256);
  const half = row.map((p) => Math.round(p * 2048) / 2048);
  const sure = row.map((_, i) => Number(i === 0));
  expect(contradicts(logs(row, sure, eight, half), said)).toBe(false);
});

test('scores that are no numbers, or infinite, tell nothing', () => {
  const said = { kind: 'probabilities', whole: true } as const;
  const odd = rowsOf([Number.NaN, 0, 0], [Number.POSITIVE_INFINITY, 0, 0]);
  expect(contradicts(odd, said)).toBe(false);
  expect([...sharesIn(odd)]).toEqual([0, 0]);
});

test('logits that are probabilities are marked', () => {
  const marked = sharesIn(
    rowsOf([0.2, 0.5, 0.3], [1, 0, 0], [0.2, 0.5, 0.2], [-0.5, 0.5, 1], [1.5, -0.5, 0]),
  );
  expect([...marked]).toEqual([1, 1, 0, 0, 0]);
});
