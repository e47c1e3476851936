import { bytes } from './generated/exchange.ts';
import { openWasm } from './wasm.ts';

/** Exchanges of places, and where what is looked for is found after them. */
export interface Network {
  /** Each pair (i, j) leaves the smaller value in place i and the larger in j. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly place: number;
}

/** Numbers of a column per call: nine columns fit the first-level cache. */
const most = 1024;

/** Columns in the one page of the loop's memory. */
const mostColumns = 16;

interface Loop {
  memory: { buffer: ArrayBuffer };
  exchange(lower: number, upper: number, bytes: number): void;
}

let ready: { loop: Loop; columns: Float32Array[] } | undefined;

function open(): NonNullable<typeof ready> {
  const loop = openWasm(bytes) as Loop;
  const columns = Array.from(
    { length: mostColumns },
    (_, i) => new Float32Array(loop.memory.buffer, 4 * most * i, most),
  );
  return { loop, columns };
}

/**
 * Selects by a network of exchanges, for every index alike: the values that the columns have there are its places. In
 * WebAssembly: the same loop in JavaScript guesses the outcome of each comparison, and takes ten times as long or more
 * where half of the guesses are wrong (docs/performance.md).
 * @param columns at most 16, each of the length of `out`; they are not changed
 * @param out takes what the network selects; shares no memory with a column
 * @throws RangeError if a column has another length, or there are too many
 */
export function selectByExchanges(
  columns: readonly Float32Array[],
  { pairs, place }: Network,
  out: Float32Array,
): void {
  if (columns.length > mostColumns || columns.some((column) => column.length !== out.length))
    throw new RangeError(`${columns.length} columns cannot be exchanged into ${out.length} numbers`);
  ready ??= open();
  for (let from = 0; from < out.length; from += most) {
    const to = Math.min(from + most, out.length);
    for (const [i, column] of columns.entries()) ready.columns[i]?.set(column.subarray(from, to));
    const wide = 4 * (to - from);
    for (const [i, j] of pairs) ready.loop.exchange(4 * most * i, 4 * most * j, wide);
    out.set((ready.columns[place] as Float32Array).subarray(0, to - from), from);
  }
}
