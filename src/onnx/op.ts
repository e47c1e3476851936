import type { AnyTensor, DType } from '../tensor/index.ts';
import { numbers } from '../tensor/index.ts';
import type { Attribute, Dim, Node, Shape, ValueType } from './graph.ts';

/** What an operator's definition sees of one node. */
export interface InferContext {
  readonly node: Node;
  /** Version of the node's operator set. */
  readonly opset: number;
  /** Type of input i; undefined if it is left out or unknown. */
  type(i: number): ValueType | undefined;
  /** Shape of input i; undefined if it is left out or its rank unknown. */
  shape(i: number): Shape | undefined;
  /** Element type of input i, float32 where unknown. */
  dtype(i: number): DType;
  /** The constant that input i is, if it is one. */
  constant(i: number): AnyTensor | undefined;
  /** Integers that input i holds, possibly symbolic (as from Shape): flat, in C order. */
  contents(i: number): readonly Dim[] | undefined;
  /** Integers that input i holds if all of them are known. */
  ints(i: number): readonly number[] | undefined;
  /** A symbol for a dimension of which nothing is known. */
  fresh(): Dim;
}

/**
 * Signature and shapes of one operator: what `onnx` must know of it. Its gradient is in `autodiff/rules`.
 * `infer` throws an Error with a plain sentence where the inputs cannot be right.
 */
export interface OpDefinition {
  readonly op: string;
  readonly domain: string;
  /** Fewest and most inputs, for the checker. */
  readonly inputs: readonly [number, number];
  /** Types of attributes whose name stands for another type in other standard operators. */
  readonly attributes?: Readonly<Record<string, Attribute['type']>>;
  /** Type of each output, undefined where not known. */
  infer(context: InferContext): readonly (ValueType | undefined)[];
  /** Integers (possibly symbolic) that the first output holds: for the operators that compute shapes. */
  contents?(context: InferContext): readonly Dim[] | undefined;
}

export function defineOp(definition: Omit<OpDefinition, 'domain'> & { domain?: string }): OpDefinition {
  return { domain: '', ...definition };
}

/** An operator whose single output has the type and shape of its first input. */
export function sameAsInput(
  op: string,
  inputs: readonly [number, number] = [1, 1],
  domain = '',
): OpDefinition {
  return defineOp({ op, domain, inputs, infer: (c) => [c.type(0)] });
}

/** The axis counted from 0. @throws Error if it is outside the rank */
export function normalizeAxis(axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  if (a < 0 || a >= rank) throw new Error(`axis ${axis} is outside rank ${rank}`);
  return a;
}

/** Contents of a constant of integers, or undefined for other types and for large tensors. */
export function integerContents(t: AnyTensor): readonly number[] | undefined {
  if (t.dtype !== 'int64' && t.dtype !== 'int32') return undefined;
  return t.data.length > 4096 ? undefined : numbers(t);
}
