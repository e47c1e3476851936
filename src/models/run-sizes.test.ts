import { describe, expect, test } from 'vitest';
import type { Graph } from '../onnx/index.ts';
import type { Session } from '../runtime/index.ts';
import { type AnyTensor, randomOf, type Tensor, tensor } from '../tensor/index.ts';
import { fewest, probeFixed, probeSizes, type RunSizes, upTo } from './run-sizes.ts';

/** What a kernel adds to row `place` of so many. */
type Fault = (run: { size: number; place: number; row: Float32Array; all: Float32Array }) => number;

/** The last bits of the sums below, which are less than 4. */
const bit = 2 ** -21;

/** A session over rows of four numbers that sums each, as if its kernels had a fault. Notes the sizes of its runs. */
function faulty(fault: Fault): { session: Session; graph: Graph; runs: number[] } {
  const runs: number[] = [];
  const input = { name: 'x', dtype: 'float32', shape: ['N', 4] } as const;
  const session: Session = {
    inputs: [input],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 1] }],
    run(feeds) {
      const { data, shape } = feeds['x'] as Tensor;
      const size = shape[0] as number;
      runs.push(size);
      const sums = Float32Array.from({ length: size }, (_, place) => {
        const row = data.subarray(4 * place, 4 * place + 4);
        return row.reduce((a, v) => a + v, 0) + fault({ size, place, row, all: data });
      });
      return Promise.resolve({ y: tensor(sums, [size, 1]) } as Record<string, AnyTensor>);
    },
    release: () => Promise.resolve(),
  };
  const graph: Graph = {
    name: 'sum',
    nodes: [],
    inputs: [input],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 1] }],
    initializers: new Map(),
    values: new Map(),
    opsets: new Map(),
    functions: [],
    metadata: {},
  };
  return { session, graph, runs };
}

async function probed(fault: Fault, most = 64): Promise<{ sizes: RunSizes; runs: number[] }> {
  const { session, graph, runs } = faulty(fault);
  return { sizes: await probeSizes(session, graph, { most, classes: 10 }), runs };
}

const counts = [0, 1, 2, 3, 65, 129];
const cutsOf = (sizes: RunSizes): Promise<(readonly number[])[]> =>
  Promise.all(counts.map((count) => sizes.cut(count)));

describe('sizes of runs', () => {
  test('one row never runs alone where two fit, and few rows are filled up', async () => {
    const { sizes, runs } = await probed(({ size }) => (size === 1 ? bit : 0));
    expect(sizes.alone).toBeUndefined();
    expect(await cutsOf(sizes)).toEqual([[], [2], [2], [4], [64, 2], [64, 64, 2]]);
    expect(runs).not.toContain(1);
  });

  test.for<[odd: number, of: number[], cuts: number[][]]>([
    [64, [1, 64, 65], [[2], [32, 32], [32, 32, 2]]],
    [
      32,
      [32, 33, 96],
      [
        [16, 16],
        [16, 16, 2],
        [64, 16, 16],
      ],
    ],
    [
      16,
      [16, 15],
      [
        [8, 8],
        [8, 8],
      ],
    ],
    [2, [1, 2, 5, 66], [[4], [4], [8], [64, 4]]],
  ])('%i is not used where its rows differ from those of others', async ([odd, of, cuts]) => {
    // All rows differ alike: that the size is odd shows only beside another.
    const { sizes } = await probed(({ size, place }) => {
      if (odd === 64) return size === 64 ? place * bit : 0;
      return size === odd ? bit : 0;
    });
    expect(sizes.alone).toBeUndefined();
    expect(await Promise.all(of.map((count) => sizes.cut(count)))).toEqual(cuts);
  });

  test('a size in which the place of a row matters is not used', async () => {
    const { sizes } = await probed(({ size, place }) => (size > 4 && place % 4 === 3 ? bit : 0));
    expect(sizes.alone).toBeUndefined();
    expect(await Promise.all([1, 4, 9].map((count) => sizes.cut(count)))).toEqual([[2], [4], [4, 4, 2]]);
  });

  test('where the place matters in every size, rows run alone', async () => {
    const { sizes } = await probed(({ place }) => place * bit);
    expect(sizes.alone).toBe('place');
    expect(await cutsOf(sizes)).toEqual(counts.map((count) => Array.from({ length: count }, () => 1)));
  });

  test.for<[what: string, fault: Fault]>([
    ['the mean', ({ all }) => -all.reduce((a, v) => a + v, 0) / (all.length / 4)],
    ['the largest', ({ all }) => Math.max(...all)],
    ['the first', ({ all }) => all[0] as number],
    ['the last', ({ all }) => all.at(-1) as number],
    ['the next', ({ all, place }) => all[4 * place + 4] ?? 0],
    ['the one before', ({ all, place }) => all[4 * place - 1] ?? 0],
  ])('rows that hold something of %s of a run run alone', async ([, fault]) => {
    for (const most of [2, 3, 5, 8, 64]) {
      const { sizes } = await probed(fault, most);
      expect(sizes.alone).toBe('coupled');
      expect(await sizes.cut(3)).toEqual([1, 1, 1]);
    }
  });

  test('a size in which rows hold something of the first is not used', async () => {
    // The sample that stands first in the run of the largest size: nothing differs where it is first here too.
    const first = new Float32Array(1);
    randomOf(0, 'probe').stream('', 'x').fillUniform(first, 0, 1);
    for (const odd of [4, 8, 16, 32]) {
      const { sizes } = await probed(({ size, all }) =>
        size === odd ? (all[0] as number) - (first[0] as number) : 0,
      );
      expect(sizes.alone).toBeUndefined();
      expect(await sizes.cut(odd)).not.toContain(odd);
    }
  });

  test('a place that differs is found in every size', async () => {
    for (const most of [2, 3, 4, 5, 7, 8, 9, 16, 37, 64])
      for (let odd = 0; odd < most; odd++) {
        const { sizes } = await probed(({ size, place }) => (size === most && place === odd ? bit : 0), most);
        expect([most, odd, await sizes.cut(most)]).not.toContainEqual([most]);
      }
  });

  test('places of a period that differ are found', async () => {
    for (const most of [8, 12, 16, 32, 37, 64])
      for (let period = 2; period <= most / 2; period++) {
        const { sizes } = await probed(
          ({ size, place }) => (size === most && place % period === 0 ? bit : 0),
          most,
        );
        expect([most, period, await sizes.cut(most)]).not.toContainEqual([most]);
      }
  });

  test('odd and small largest sizes', async () => {
    const cuts = async (most: number, count: number): Promise<readonly number[]> =>
      (await probed(() => 0, most)).sizes.cut(count);
    expect(await cuts(2, 5)).toEqual([2, 2, 2]);
    expect(await cuts(3, 5)).toEqual([3, 2]);
    expect(await cuts(5, 7)).toEqual([5, 2]);
    expect(await cuts(37, 38)).toEqual([32, 4, 2]);
  });

  test('do not depend on what was asked before', async () => {
    const fault: Fault = ({ size }) => (size === 16 || size === 4 ? bit : 0);
    const order = [7, 100, 16, 3, 64, 31, 1, 48];
    const ask = async (of: readonly number[]): Promise<Map<number, readonly number[]>> => {
      const { sizes } = await probed(fault);
      const found = new Map<number, readonly number[]>();
      for (const count of of) found.set(count, await sizes.cut(count));
      return found;
    };
    const [there, back] = [await ask(order), await ask(order.toReversed())];
    for (const count of order) expect(back.get(count)).toEqual(there.get(count));
  });

  test('a size between is tried when it is first wanted, and once', async () => {
    const { sizes, runs } = await probed(() => 0);
    expect(runs).toEqual([64, 2, 2]);
    for (let again = 0; again < 3; again++) await sizes.cut(18);
    expect(runs).toEqual([64, 2, 2, 16, 18]);
  });

  test('a number of rows that comes again has a size of its own where that spares a run', async () => {
    const { sizes, runs } = await probed(() => 0);
    const asked = async (count: number): Promise<(readonly number[])[]> => [
      await sizes.cut(count),
      await sizes.cut(count),
      await sizes.cut(count),
    ];
    expect(await asked(100)).toEqual([
      [64, 32, 4],
      [64, 36],
      [64, 36],
    ]);
    expect(await asked(500)).toEqual([
      [...Array.from({ length: 7 }, () => 64), 32, 16, 4],
      [...Array.from({ length: 7 }, () => 64), 52],
      [...Array.from({ length: 7 }, () => 64), 52],
    ]);
    for (const count of [1, 2, 32, 64, 65, 66, 96, 128])
      expect(new Set((await asked(count)).map((cuts) => cuts.join())).size).toBe(1);
    expect(runs).toEqual([64, 2, 2, 32, 4, 36, 16, 52]);
  });

  test('a size of its own in which rows differ is not used', async () => {
    const { sizes } = await probed(({ size, place }) => (size === 36 && place === 30 ? bit : 0));
    for (let again = 0; again < 3; again++) expect(await sizes.cut(100)).toEqual([64, 32, 4]);
  });
});

describe('runs of a fixed size', () => {
  const fixedBy = (fault: Fault, rows = 7): Promise<RunSizes> => {
    const { session, graph } = faulty(fault);
    return probeFixed(session, graph, { rows, classes: 10 });
  };

  test.for<[what: string, fault: Fault, alone: string | undefined]>([
    ['no fault', () => 0, undefined],
    ['the last place', ({ place, size }) => (place === size - 1 ? bit : 0), 'place'],
    ['a place in the middle', ({ place }) => (place === 3 ? bit : 0), 'place'],
    ['its neighbours in the last bit', ({ all }) => (all[0] === all[4] ? 0 : bit), 'place'],
    ['its neighbours', ({ all }) => all.reduce((a, v) => a + v, 0), 'coupled'],
  ])('where %s matters', async ([, fault, alone]) => {
    const sizes = await fixedBy(fault);
    expect([sizes.alone, sizes.fixed]).toEqual([alone, 7]);
    expect(await sizes.cut(9)).toEqual(alone === undefined ? [4, 5] : Array.from({ length: 9 }, () => 1));
  });
});

test('without a probe runs are as equal as can be', async () => {
  expect(await cutsOf(upTo(64))).toEqual([[], [1], [2], [3], [32, 33], [43, 43, 43]]);
  expect(upTo(1, { alone: 'place' }).alone).toBe('place');
});

test('the fewest rows are filled up, and then the fewest runs are made', () => {
  const best = (count: number, sizes: readonly number[]): [rows: number, runs: number] => {
    const found: [number, number][] = [[0, 0]];
    for (let n = 1; n <= count; n++)
      found.push(
        sizes
          .map((size): [number, number] => {
            const [rows, runs] = found[Math.max(0, n - size)] as [number, number];
            return [rows + size, runs + 1];
          })
          .reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a)),
      );
    return found[count] as [number, number];
  };
  for (const sizes of [[2], [3, 2], [5, 4], [12, 8], [37, 16, 8], [37, 32, 16, 8, 4, 2], [64, 8], [64, 2]])
    for (let count = 0; count <= 200; count++) {
      const cuts = fewest(count, sizes);
      expect([count, cuts.reduce((a, c) => a + c, 0), cuts.length]).toEqual([count, ...best(count, sizes)]);
      expect(cuts).toEqual(cuts.toSorted((a, b) => b - a));
    }
});
