import { concrete, type Graph } from '../onnx/index.ts';
import type { Session } from '../runtime/index.ts';
import { type AnyTensor, allocate, randomOf, rowSize, type Tensor, takeRows } from '../tensor/index.ts';

/**
 * Why rows run alone: other rows change a row's answer, its place in a run changes last bits, or the graph does not run
 * with several.
 */
export type Alone = 'coupled' | 'place' | 'fails';

/** How rows are cut into runs. */
export interface RunSizes {
  readonly alone?: Alone;
  /** Rows that every run has in the end: it is filled up with copies of its last. */
  readonly fixed?: number;
  /** Sizes of the runs for so many rows; their sum exceeds it by what the last one is filled up with. */
  cut(count: number): Promise<readonly number[]>;
}

/** Runs of up to `most` rows, as equal as can be. */
export function upTo(most: number, { alone, fixed }: Pick<RunSizes, 'alone' | 'fixed'> = {}): RunSizes {
  return {
    ...(alone && { alone }),
    ...(fixed !== undefined && { fixed }),
    cut(count) {
      const runs = Math.ceil(count / most);
      const ends = Array.from({ length: runs + 1 }, (_, i) => Math.floor((i * count) / runs));
      return Promise.resolve(ends.slice(1).map((end, i) => end - (ends[i] as number)));
    },
  };
}

/** Runs one row beside others: the bits of each row's outputs. */
type Bits = (samples: readonly number[]) => Promise<Uint32Array[]>;

/** A sample that no comparison of sizes uses: another neighbour. */
const stranger = -1;

/**
 * Finds sizes of runs in which a row gets the same bits in every place, beside every neighbour. The runtime's kernels
 * differ between one row and several, and some by the place of a row. In one run of the largest size few samples stand
 * in many places each; runs of two put others beside them, first and last; sizes between are compared when they are
 * first wanted. Where no size will do, rows run alone. Nothing here depends on what is asked later.
 * @param most largest size, at least 2
 * @param classes whole numbers that the graph is given are below this
 */
export async function probeSizes(
  session: Session,
  graph: Graph,
  { most, classes }: { most: number; classes: number },
): Promise<RunSizes> {
  const bits = prober(session, graph, { most, classes });
  for (let size = most; size >= 2; size = Math.floor(size / 2)) {
    const which = scattered(size);
    const known = new Map<number, Uint32Array>();
    /** Whether each sample gets the bits that it has had before. */
    const agree = async (samples: readonly number[]): Promise<boolean> => {
      const found = await bits(samples);
      return samples.every((sample, i) => {
        const before = known.get(sample);
        if (before === undefined) known.set(sample, found[i] as Uint32Array);
        return before === undefined || same(before, found[i] as Uint32Array);
      });
    };
    if (!(await agree(which))) continue;
    const two = (await agree([0, stranger])) && (await agree([stranger, 0]));
    if (!two) {
      // What a run of two gave the stranger is no measure for other sizes.
      known.delete(stranger);
      const apart = size > 2 && (await agree(which.map((_, i) => (i === 1 ? 0 : stranger))));
      if (!apart) return upTo(1, { alone: 'coupled' });
    }
    return planned(size, two, (other) => agree([stranger, ...which.slice(1, other)]));
  }
  const [alone] = (await bits([0])) as [Uint32Array];
  const [first] = (await bits([0, stranger])) as [Uint32Array];
  const [, last] = (await bits([stranger, 0])) as [Uint32Array, Uint32Array];
  return upTo(1, { alone: near(alone, first) && near(alone, last) ? 'place' : 'coupled' });
}

/**
 * Finds whether a row gets the same bits in every place and beside every neighbour where each run must have so many
 * rows. Otherwise a row runs alone: among copies of itself.
 * @param rows of every run, at least 2
 * @param classes whole numbers that the graph is given are below this
 */
export async function probeFixed(
  session: Session,
  graph: Graph,
  { rows, classes }: { rows: number; classes: number },
): Promise<RunSizes> {
  const bits = prober(session, graph, { most: rows, classes });
  const copies = await bits(Array.from({ length: rows }, () => 0));
  const [alone] = copies as [Uint32Array];
  const place = copies.every((row) => same(row, alone));
  for (const at of [0, rows - 1]) {
    const among = await bits(Array.from({ length: rows }, (_, i) => (i === at ? 0 : stranger)));
    const row = among[at] as Uint32Array;
    if (!near(alone, row)) return upTo(1, { alone: 'coupled', fixed: rows });
    if (!place || !same(alone, row)) return upTo(1, { alone: 'place', fixed: rows });
  }
  return upTo(rows, { fixed: rows });
}

/** Samples of a run, each in at least four places whose distances differ, so that they share no period of places. */
function scattered(size: number): number[] {
  const samples = Math.max(1, Math.floor(size / 4));
  return Array.from({ length: size }, (_, place) => {
    const turn = Math.floor(place / samples);
    return (place + (turn * (turn + 1)) / 2) % samples;
  });
}

/**
 * Cuts by a largest size and those between it and 2, each verified before its first use. A number of rows that comes
 * again gets a size of its own where that spares a run: not at once, for numbers that shrink step by step come once.
 */
function planned(largest: number, two: boolean, verify: (size: number) => Promise<boolean>): RunSizes {
  const usable = new Map<number, boolean>([
    [largest, true],
    [2, two],
  ]);
  const between: number[] = [];
  for (let size = 4; size < largest; size *= 2) between.push(size);
  /** Cuts by the sizes that all share, and then with one that the number of rows has for itself. */
  const plans = new Map<number, { common: readonly number[]; own?: readonly number[] }>();

  const cutBy = async (count: number, sizes: readonly number[]): Promise<number[]> => {
    for (;;) {
      const cuts = fewest(
        count,
        [...new Set(sizes)].filter((s) => usable.get(s) !== false),
      );
      const unsure = cuts.filter((s) => !usable.has(s));
      if (unsure.length === 0) return cuts;
      for (const size of new Set(unsure)) usable.set(size, await verify(size));
    }
  };
  const common = [largest, ...between, 2];
  return {
    async cut(count) {
      const plan = plans.get(count);
      if (plan?.own !== undefined) return plan.own;
      if (plan === undefined) {
        const cuts = await cutBy(count, common);
        plans.set(count, { common: cuts });
        return cuts;
      }
      const rest = count % largest;
      const own = rest > 2 && plan.common.length > Math.ceil(count / largest);
      const cuts = own ? await cutBy(count, [...common, rest]) : plan.common;
      plans.set(count, { common: plan.common, own: cuts });
      return cuts;
    },
  };
}

/** Sizes that hold so many rows: as few rows as can be are filled up, then as few runs as can be. Largest first. */
export function fewest(count: number, sizes: readonly number[]): number[] {
  const largest = Math.max(...sizes);
  // Among as many runs of other sizes as the largest has rows, some add up to whole largest ones.
  const whole = Math.max(0, Math.floor(count / largest) - largest);
  const rest = count - whole * largest;
  const best: { rows: number; runs: number; first: number }[] = [{ rows: 0, runs: 0, first: 0 }];
  for (let n = 1; n <= rest; n++) {
    let chosen = { rows: Number.POSITIVE_INFINITY, runs: 0, first: 0 };
    for (const size of sizes) {
      const after = best[Math.max(0, n - size)] as { rows: number; runs: number };
      const [rows, runs] = [after.rows + size, after.runs + 1];
      if (rows < chosen.rows || (rows === chosen.rows && runs < chosen.runs))
        chosen = { rows, runs, first: size };
    }
    best.push(chosen);
  }
  const cuts = Array.from({ length: whole }, () => largest);
  for (let n = rest; n > 0; ) {
    const { first } = best[n] as { first: number };
    cuts.push(first);
    n -= first;
  }
  return cuts.toSorted((a, b) => b - a);
}

function prober(session: Session, graph: Graph, { most, classes }: { most: number; classes: number }): Bits {
  const count = Math.max(1, Math.floor(most / 4)) + 1;
  const random = randomOf(0, 'probe');
  const samples: Record<string, AnyTensor> = {};
  for (const { name } of session.inputs) {
    const { dtype, shape } = graph.inputs.find((i) => i.name === name) as Graph['inputs'][number];
    const tail = concrete(shape?.slice(1));
    if (tail === undefined) throw new Error(`the rows of the input "${name}" have no known size`);
    const data = allocate(dtype, count * tail.reduce((a, d) => a * d, 1));
    const stream = random.stream('', name);
    if (dtype === 'float32') stream.fillUniform(data as Float32Array, 0, 1);
    else if (dtype === 'int64')
      for (let i = 0; i < data.length; i++) (data as BigInt64Array)[i] = BigInt(stream.integer(classes));
    samples[name] = { dtype, shape: [count, ...tail], data } as AnyTensor;
  }
  const outputs = graph.outputs.map((o) => o.name);
  return async (which) => {
    const at = which.map((sample) => (sample === stranger ? count - 1 : sample));
    const feeds = Object.fromEntries(
      Object.entries(samples).map(([name, t]) => [name, takeRows(t as Tensor, at)]),
    );
    const out = await session.run(feeds, outputs);
    return which.map((_, i) =>
      rowBits(
        outputs.map((name) => out[name] as Tensor),
        i,
      ),
    );
  };
}

/** All outputs of one row, as bits; every NaN alike. */
function rowBits(tensors: readonly Tensor[], row: number): Uint32Array {
  const values = tensors.flatMap((t) => {
    const size = rowSize(t);
    return [t.data.subarray(row * size, (row + 1) * size)];
  });
  const joined = new Float32Array(values.reduce((sum, v) => sum + v.length, 0));
  let from = 0;
  for (const v of values) {
    joined.set(v, from);
    from += v.length;
  }
  const bits = new Uint32Array(joined.buffer);
  for (let i = 0; i < joined.length; i++) if (Number.isNaN(joined[i])) bits[i] = 0x7fc00000;
  return bits;
}

function same(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((bits, i) => bits === b[i]);
}

/** Whether two rows differ by rounding alone. */
function near(a: Uint32Array, b: Uint32Array): boolean {
  const [x, y] = [new Float32Array(a.buffer), new Float32Array(b.buffer)];
  const largest = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return x.every((v, i) => Math.abs(v - (y[i] as number)) <= 1e-3 * largest);
}
