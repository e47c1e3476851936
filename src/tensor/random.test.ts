import { describe, expect, test } from 'vitest';
import { type RandomKey, randomOf, stream } from './index.ts';
import { digest, mostBlocks, philox, philoxBlocks } from './philox.ts';

const key: RandomKey = { seed: 1, role: 'attack', sample: 'cat', purpose: 'start', draw: 0 };

function hex(words: Iterable<number>): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');
}

describe('philox', () => {
  test.for([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ] as [number[], number[], string][])('known answer %#', ([counter, keys, answer]) => {
    const [c0, c1, c2, c3] = counter as [number, number, number, number];
    const [k0, k1] = keys as [number, number];
    const out = new Uint32Array(4);
    philox(out, c0, c1, c2, c3, k0, k1);
    expect(hex(out)).toBe(answer);
  });

  test('many blocks at once are the blocks of their counters', () => {
    const numbers = stream(key);
    const out = new Uint32Array(4);
    for (const count of [1, 2, 3, mostBlocks]) {
      const [c1, c2, c3, k0, k1] = Array.from({ length: 5 }, () => numbers.uint32()) as [
        number,
        number,
        number,
        number,
        number,
      ];
      for (const c0 of [0, 2 ** 31 - 1, 2 ** 32 - count]) {
        const words = philoxBlocks(count, c0, c1, { c2, c3, k0, k1 });
        for (let i = 0; i < count; i++) {
          philox(out, c0 + i, c1, c2, c3, k0, k1);
          expect(hex(words.subarray(4 * i, 4 * i + 4))).toBe(hex(out));
        }
      }
    }
  });

  test('a stream is the blocks of its counter, one after the other', () => {
    const [k0, k1, c2, c3] = digest(
      [String(key.seed), key.role, key.sample, key.purpose],
      key.draw,
    ) as unknown as [number, number, number, number];
    const numbers = [stream(key), stream(key)] as const;
    const out = new Uint32Array(4);
    // Past two refills of full size, and two streams in turn, for they share the loop's memory.
    for (let block = 0; block < 5 * mostBlocks; block++) {
      philox(out, block, 0, c2, c3, k0, k1);
      for (const s of numbers) expect(Array.from(out, () => s.uint32())).toEqual([...out]);
    }
  });
});

describe('keys', () => {
  test('fields do not run into each other', () => {
    const lists = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc', ''],
      ['', 'abc'],
      ['abc'],
      ['a', 'b', 'c'],
      ['ab\0', 'c'],
    ];
    const seen = new Set(lists.map((fields) => hex(digest(fields, 0))));
    for (const draw of [1, 2 ** 32, 2 ** 32 + 1]) seen.add(hex(digest(['ab', 'c'], draw)));
    expect(seen.size).toBe(10);
  });

  test('each field changes the stream, and the same key repeats it', () => {
    const variants = [
      key,
      { ...key, seed: 2 },
      { ...key, role: 'judge' },
      { ...key, sample: 'cät' },
      { ...key, purpose: 'star' },
      { ...key, draw: 1 },
    ];
    const first = variants.map((k) => stream(k).uint32());
    expect(new Set(first).size).toBe(variants.length);
    expect(variants.map((k) => stream({ ...k, seed: String(k.seed) }).uint32())).toEqual(first);
    expect(randomOf(1, 'attack').stream('cat', 'start').uint32()).toBe(first[0]);
    expect(randomOf(1, 'attack').stream('cat', 'start', 1).uint32()).toBe(first[5]);
  });

  test('a draw is a whole number from 0', () => {
    expect(() => stream({ ...key, draw: -1 })).toThrow(
      new RangeError('draw -1 is not a whole number from 0'),
    );
    expect(() => stream({ ...key, draw: 0.5 })).toThrow(RangeError);
  });

  // These never change: every recorded result depends on them.
  test('frozen values', () => {
    const s = stream(key);
    const words = Array.from({ length: 6 }, () => s.uint32());
    const t = stream({ ...key, sample: '0c7ac4a8c9dfa802', draw: 2 ** 40 });
    const out = new Float32Array(3);
    t.fillUniform(out, -1, 1);
    const others = [
      t.uniform(),
      t.normal(),
      t.normal(),
      t.integer(1000),
      t.sign(),
      ...t.permutation(5),
      ...out,
    ];
    expect([hex(words), others]).toMatchInlineSnapshot(`
      [
        "c438d14e 72db5657 256d1180 a9c88ffd 11dc7024 71bc4e16",
        [
          0.23355484359356193,
          -2.072449941275823,
          0.18231607799478702,
          623,
          -1,
          3,
          2,
          1,
          0,
          4,
          -0.8134149312973022,
          0.8601697683334351,
          0.5375469923019409,
        ],
      ]
    `);
  });
});

function chiSquare(counts: Iterable<number>, expected: number): number {
  let total = 0;
  for (const count of counts) total += (count - expected) ** 2 / expected;
  return total;
}

/** Chi-square of f degrees of freedom has mean f and variance 2 f. */
function expectChiSquare(value: number, freedom: number): void {
  expect(Math.abs(value - freedom)).toBeLessThan(5 * Math.sqrt(2 * freedom));
}

describe('statistics, at 5 standard errors', () => {
  const s = randomOf(2026, 'statistics');

  test('uniform, fillUniform, integer and the first words of neighbouring keys fill their cells evenly', () => {
    const n = 256_000;
    const floats = new Float32Array(n);
    s.stream('a', 'fill').fillUniform(floats, 0, 1);
    const a = s.stream('a', 'uniform');
    const b = s.stream('a', 'integer');
    const draws: Record<string, (i: number) => number> = {
      uniform: () => Math.floor(a.uniform() * 256),
      fillUniform: (i) => Math.floor((floats[i] as number) * 256),
      integer: () => b.integer(256),
      keys: (i) => s.stream('a', 'key', i).uint32() >>> 24,
    };
    for (const draw of Object.values(draws)) {
      const counts = new Float64Array(256);
      for (let i = 0; i < n; i++) {
        const cell = draw(i);
        counts[cell] = (counts[cell] as number) + 1;
      }
      expectChiSquare(chiSquare(counts, n / 256), 255);
    }
  });

  test('integer is unbiased where n does not divide 2^32', () => {
    const t = s.stream('', 'bias');
    const n = 3 * 2 ** 30;
    let lower = 0;
    for (let i = 0; i < 90_000; i++) if (t.integer(n) < 2 ** 30) lower++;
    expect(Math.abs(lower - 30_000)).toBeLessThan(5 * Math.sqrt(20_000));
    expect(() => t.integer(0)).toThrow(RangeError);
    expect(() => t.integer(2 ** 32 + 1)).toThrow(RangeError);
    expect(t.integer(1)).toBe(0);
  });

  test('uniform bounds and resolution', () => {
    const t = s.stream('', 'bounds');
    const out = new Float32Array(1000);
    t.fillUniform(out, -0.5, 0.25);
    for (const x of out) expect(x >= -0.5 && x <= 0.25).toBe(true);
    let fine = 0;
    for (let i = 0; i < 1000; i++) {
      const u = t.uniform();
      expect(u >= 0 && u < 1 && Number.isInteger(u * 2 ** 53)).toBe(true);
      if (!Number.isInteger(u * 2 ** 32)) fine++;
    }
    expect(fine).toBeGreaterThan(990);
  });

  test('normal: four moments, and the share beyond two', () => {
    const n = 200_000;
    const out = new Float32Array(n);
    s.stream('', 'normal').fillNormal(out, 0, 1);
    const moment = (power: number) => out.reduce((sum, x) => sum + x ** power, 0) / n;
    // Variances of the sample moments: E x^2k - (E x^k)^2.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    const beyond = out.filter((x) => Math.abs(x) > 2).length / n;
    expect(Math.abs(beyond - 0.0455003)).toBeLessThan(5 * Math.sqrt((0.0455 * 0.9545) / n));
    s.stream('', 'normal').fillNormal(out, 3, 0.5);
    expect(Math.abs(moment(1) - 3)).toBeLessThan((5 * 0.5) / Math.sqrt(n));
  });

  test('neighbouring draws, samples, seeds and numbers are uncorrelated', () => {
    const n = 10_000;
    const numbers = (k: RandomKey) => {
      const t = stream(k);
      return Array.from({ length: n }, () => t.normal());
    };
    const base = numbers(key);
    const others = [
      numbers({ ...key, draw: 1 }),
      numbers({ ...key, sample: 'cau' }),
      numbers({ ...key, seed: 2 }),
      numbers({ ...key, role: 'attacj' }),
      [...base.slice(1), base[0] as number],
      [...base.slice(4), ...base.slice(0, 4)],
    ];
    for (const other of others) {
      const correlation = base.reduce((sum, x, i) => sum + x * (other[i] as number), 0) / n;
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  test('sign is fair, permutations are permutations and equally likely', () => {
    const t = s.stream('', 'order');
    let sum = 0;
    for (let i = 0; i < 100_000; i++) sum += t.sign();
    expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(100_000));
    expect([...t.permutation(1000)].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = t.permutation(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expectChiSquare(chiSquare(counts.values(), 1000), 23);
  });
});
