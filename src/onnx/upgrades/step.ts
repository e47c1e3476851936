import type { AnyTensor } from '../../tensor/index.ts';
import { int64 } from '../../tensor/index.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Attribute, Attributes, Node } from '../graph.ts';

export interface StepContext {
  readonly b: GraphBuilder;
  readonly node: Node;
}

/** A change of an operator's form between two versions of the standard operator set. */
export interface UpgradeStep {
  readonly ops: readonly string[];
  /** First opset with the new form. */
  readonly since: number;
  /** What has taken the operator's place, where it is no more from that opset on. */
  readonly replacedBy?: string;
  /**
   * The node in the new form; what it needs besides is appended to the builder. Throws an Error with a plain
   * sentence if there is no counterpart.
   */
  convert(context: StepContext): Node;
}

/** Name of the tensor that new names are made from: unique in the model, subgraphs included. */
function stem(node: Node): string {
  return node.outputs.find((o) => o !== '') ?? node.op;
}

/** A new constant input of the node. */
export function constant({ b, node }: StepContext, what: string, value: AnyTensor): string {
  return b.constant(value, `${stem(node)}_${what}`);
}

export function intsConstant(context: StepContext, what: string, values: readonly number[]): string {
  return constant(context, what, int64(values));
}

/** Appends a node that comes before or after the converted one. @returns its output */
export function emit(
  { b, node }: StepContext,
  op: string,
  inputs: readonly string[],
  attributes: Record<string, Attribute | number> = {},
): string {
  return b.op(op, inputs, attributes, `${stem(node)}_${op}`);
}

export function without(attributes: Attributes, ...names: string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** Inputs up to the last one given. */
export function inputList(...inputs: (string | undefined)[]): string[] {
  const list = inputs.map((i) => i ?? '');
  while (list.at(-1) === '') list.pop();
  return list;
}
