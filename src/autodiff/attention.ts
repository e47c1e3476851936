import type { GraphBuilder, Node } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { add, scale } from './emit.ts';
import { swapLast } from './product.ts';
import { named } from './unroll.ts';

/** What scores of masked keys become, and what the runtime takes for masked: the lowest float32. */
export const lowest = -3.4028234663852886e38;

export interface Attending {
  /** [N, heads, length, size]. */
  readonly queries: string;
  /** [N, groups, total, size], of as many groups as heads or an nth of them. */
  readonly keys: string;
  /** [N, groups, total, size of the values]. */
  readonly values: string;
  /** Factor of the scores; 1 / √size by default. */
  readonly factor?: number | undefined;
  /** Bound of the scores, 0 for none: c·tanh(score / c). */
  readonly softcap?: number;
  /** Tensors that broadcast to the scores [N, heads, length, total]: added to them, */
  readonly biases?: readonly string[];
  /** or boolean, false where a query does not see a key. */
  readonly seen?: readonly string[];
  /** Whether queries that see no key take zeros; they take the mean of what is masked else. */
  readonly blind?: boolean;
}

/** What attention computes on its way, all [N, heads, length, total] but for the mixed values. */
export interface Attended {
  readonly product: string;
  readonly capped: string;
  readonly masked: string;
  readonly weights: string;
  /** [N, heads, length, size of the values]. */
  readonly mixed: string;
}

/**
 * Softmax(scale·q·kᵀ + masks)·v in plain operators.
 * @returns undefined where the number of heads or their size is not known
 */
export function attend(b: GraphBuilder, a: Attending): Attended | undefined {
  const [, heads, , size] = b.shape(a.queries) ?? [];
  const groups = b.shape(a.keys)?.[1];
  if (typeof heads !== 'number' || typeof groups !== 'number' || typeof size !== 'number') return undefined;
  const number = (value: number): string => b.scalar(value, b.dtype(a.queries));
  const product = scale(
    b,
    b.op('MatMul', [a.queries, swapLast(b, repeated(b, a.keys, heads / groups))]),
    a.factor ?? 1 / Math.sqrt(size),
  );
  const cap = a.softcap ?? 0;
  const capped = cap === 0 ? product : scale(b, b.op('Tanh', [scale(b, product, 1 / cap)]), cap);
  let masked = (a.biases ?? []).reduce((sum, bias) => add(b, sum, bias), capped);
  const seen = [...(a.seen ?? [])];
  // The sum may have become -∞, with which a row's softmax would be NaN.
  if (a.blind === true && (a.biases ?? []).length > 0) seen.push(b.op('Greater', [masked, number(lowest)]));
  for (const condition of seen) masked = b.op('Where', [condition, masked, number(lowest)]);
  let weights = b.op('Softmax', [masked], { axis: -1 });
  if (a.blind === true) {
    const highest = b.op('ReduceMax', [masked, b.ints([-1])], { keepdims: 1 });
    weights = b.op('Where', [b.op('Greater', [highest, number(lowest)]), weights, number(0)]);
  }
  const mixed = b.op('MatMul', [weights, repeated(b, a.values, heads / groups)]);
  return { product, capped, masked, weights, mixed };
}

/** [N, length, heads·size] as [N, heads, length, size]; one that has four axes as it is, undefined for other ranks. */
export function splitHeads(b: GraphBuilder, x: string, count: number): string | undefined {
  const rank = b.shape(x)?.length;
  if (rank === 4) return x;
  if (rank !== 3 || count < 1 || !Number.isInteger(count)) return undefined;
  return b.op('Transpose', [b.op('Reshape', [x, b.ints([0, 0, count, -1])])], { perm: [0, 2, 1, 3] });
}

/** The node that makes `output`: [N, heads, length, size] as [N, length, heads·size]. */
export function joinHeads(b: GraphBuilder, mixed: string, output: string): Node {
  const turned = b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return { ...named(turned, output), op: 'Reshape', inputs: [turned, b.ints([0, 0, -1])] };
}

/** Every head several times in a row, for the queries that share it. */
function repeated(b: GraphBuilder, x: string, times: number): string {
  if (times === 1) return x;
  const heads = b.shape(x)?.[1] as number;
  const order = Array.from({ length: heads * times }, (_, i) => Math.floor(i / times));
  return b.op('Gather', [x, b.ints(order)], { axis: 1 });
}

/**
 * Whether query i may see key j: j ≤ i + offset; boolean, broadcasts to [N, 1, length, total].
 * @param offset an integer tensor, one number or [N, 1, 1, 1]; 0 by default
 */
export function causal(b: GraphBuilder, queries: string, keys: string, offset?: string): string {
  const [length, total] = [queries, keys].map((x) => b.shape(x)?.[2]);
  if (offset === undefined && typeof length === 'number' && typeof total === 'number') {
    const data = Uint8Array.from({ length: length * total }, (_, i) =>
      i % total <= Math.floor(i / total) ? 1 : 0,
    );
    return b.constant(tensor<'bool'>(data, [length, total], 'bool'), 'causal');
  }
  const rows = b.op('Unsqueeze', [places(b, queries), b.ints([1])]);
  return b.op('LessOrEqual', [places(b, keys), offset === undefined ? rows : add(b, rows, offset)]);
}

/** How long the third axis is, one number. */
export function lengthOf(b: GraphBuilder, x: string): string {
  return b.op('Gather', [b.op('Shape', [x]), b.scalar(2, 'int64')]);
}

/** Whole numbers from 0 along the third axis. */
export function places(b: GraphBuilder, x: string): string {
  return b.op('Range', [b.scalar(0, 'int64'), lengthOf(b, x), b.scalar(1, 'int64')]);
}

/** The cache, then what is new; [N, heads, length, size]. */
export function behind(b: GraphBuilder, past: string, x: string): string {
  return past === '' ? x : b.op('Concat', [past, x], { axis: 2 });
}
