import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Network, selectByExchanges } from './exchange.ts';

/** What the loop stands for, one number after the other. */
function plainly(columns: Float32Array[], { pairs, place }: Network): Float32Array {
  return Float32Array.from(columns[0] ?? [], (_, x) => {
    const own = columns.map((column) => column[x] as number);
    for (const [i, j] of pairs) {
      const [a, b] = [own[i] as number, own[j] as number];
      if (b < a) [own[i], own[j]] = [b, a];
    }
    return own[place] as number;
  });
}

const networks = fc.integer({ min: 1, max: 16 }).chain((count) => {
  const place = fc.nat(count - 1);
  return fc.record({ count: fc.constant(count), pairs: fc.array(fc.tuple(place, place)), place });
});

test('columns of any length and any numbers, zeros of both signs, infinities and NaN among them', () => {
  fc.assert(
    fc.property(
      networks,
      fc.integer({ min: 0, max: 2100 }),
      fc.nat(),
      ({ count, ...network }, length, seed) => {
        const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        let state = seed;
        const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
        const columns = Array.from({ length: count }, () =>
          Float32Array.from({ length }, () =>
            next() % 5 === 0 ? (odd[next() % 5] as number) : (next() % 100) - 50,
          ),
        );
        const before = columns.map((column) => column.slice());
        const out = new Float32Array(length);
        selectByExchanges(columns, network, out);
        expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(plainly(columns, network).buffer));
        expect(columns).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
});

test('columns of another length, and too many', () => {
  const columns = Array.from({ length: 17 }, () => new Float32Array(4));
  const network = { pairs: [], place: 0 };
  expect(() => selectByExchanges(columns, network, new Float32Array(4))).toThrow('17 columns');
  expect(() => selectByExchanges(columns.slice(1), network, new Float32Array(5))).toThrow('into 5 numbers');
});
