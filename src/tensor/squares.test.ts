import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Box, changedBox, cornersAround, heaviestSquare } from './squares.ts';

const area = { height: 3, width: 4 };

test('the changed box holds what differs in any channel', () => {
  const c = new Float32Array(24).fill(0.5);
  const x = c.slice();
  expect(changedBox(x, c, area)).toBeUndefined();
  x[5] = 0.6;
  expect(changedBox(x, c, area)).toEqual({ top: 1, bottom: 1, left: 1, right: 1 });
  x[12 + 11] = 0.4;
  expect(changedBox(x, c, area)).toEqual({ top: 1, bottom: 2, left: 1, right: 3 });
});

test('corners around a box stay within the image; a box that is too large has none', () => {
  const box = (top: number, bottom: number, left: number, right: number): Box => ({
    top,
    bottom,
    left,
    right,
  });
  expect(cornersAround(undefined, 2, area)).toEqual(box(0, 1, 0, 2));
  expect(cornersAround(box(1, 1, 1, 1), 2, area)).toEqual(box(0, 1, 0, 1));
  expect(cornersAround(box(2, 2, 0, 0), 2, area)).toEqual(box(1, 1, 0, 0));
  expect(cornersAround(box(0, 1, 1, 2), 2, area)).toEqual(box(0, 0, 1, 1));
  expect(cornersAround(box(0, 2, 1, 1), 2, area)).toBeUndefined();
  expect(cornersAround(box(0, 0, 0, 2), 2, area)).toBeUndefined();
});

describe('heaviestSquare', () => {
  const all = (side: number): Box => cornersAround(undefined, side, area) as Box;
  const weights = (...w: number[]): Float64Array => Float64Array.from(w);

  test('of equal ones the first in reading order, also where sums round differently', () => {
    const w = new Float64Array(12).fill(0.1);
    expect(heaviestSquare(w, 2, area, all(2))).toEqual({ top: 0, left: 0 });
    w[11] = 0.11;
    expect(heaviestSquare(w, 2, area, all(2))).toEqual({ top: 1, left: 2 });
  });

  test('only among the corners given', () => {
    const w = weights(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    expect(heaviestSquare(w, 1, area, all(1))).toEqual({ top: 0, left: 0 });
    expect(heaviestSquare(w, 1, area, { top: 1, bottom: 2, left: 0, right: 3 })).toEqual({ top: 2, left: 2 });
  });

  test('as adding up finds it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        (w, side) => {
          const sumAt = ({ top, left }: { top: number; left: number }): number => {
            let sum = 0;
            for (let i = top; i < top + side; i++)
              for (let j = left; j < left + side; j++) sum += w[4 * i + j] as number;
            return sum;
          };
          let best = { top: 0, left: 0 };
          for (let top = 0; top <= 3 - side; top++)
            for (let left = 0; left <= 4 - side; left++)
              if (sumAt({ top, left }) > sumAt(best)) best = { top, left };
          expect(heaviestSquare(Float64Array.from(w), side, area, all(side))).toEqual(best);
        },
      ),
    );
  });
});
