import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allFinite } from './finite.ts';

const lengths = [0, 1, 3, 7, 8, 9, 31, 4095, 4096, 4097, 9000];

test.for([Number.NaN, -Number.NaN, Infinity, -Infinity])('%d anywhere is found', (value) => {
  for (const length of lengths)
    for (const place of new Set([0, 4, 5, 8, length >> 1, length - 2, length - 1])) {
      if (place < 0 || place >= length) continue;
      const data = new Float32Array(length).fill(3.4e38);
      data[place] = value;
      expect(allFinite(data)).toBe(false);
      expect(allFinite(data, 0, place)).toBe(true);
      expect(allFinite(data, place + 1)).toBe(true);
      expect(allFinite(data, place, place + 1)).toBe(false);
    }
});

test('what an earlier call saw does not count', () => {
  expect(allFinite(new Float32Array(9000).fill(Number.NaN))).toBe(false);
  for (const length of lengths) expect(allFinite(new Float32Array(length))).toBe(true);
});

test('any bits are taken as Number.isFinite takes them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 40 }), (bits) => {
      const data = new Float32Array(Int32Array.from(bits).buffer);
      expect(allFinite(data)).toBe(data.every((v) => Number.isFinite(v)));
    }),
    { numRuns: 2000 },
  );
});
