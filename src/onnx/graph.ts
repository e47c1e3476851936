import type { AnyTensor, DType } from '../tensor/index.ts';

/**
 * A dimension: its size, or the name of a symbol. Products are written canonically by {@link ../dims.ts}
 * (`12*N`), a dimension of which nothing is known is a symbol of its own (`?7`).
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Type of a tensor; `shape` is undefined where not even the rank is known. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape | undefined;
}

export interface ValueInfo extends ValueType {
  readonly name: string;
}

export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensor'; readonly value: AnyTensor }
  | { readonly type: 'graph'; readonly value: Graph }
  /** In the body of a function: takes the caller's attribute of that name. */
  | { readonly type: 'reference'; readonly value: string; readonly of: string }
  /** A kind that this project only carries through (sparse tensors, types): the message itself. */
  | { readonly type: 'opaque'; readonly value: unknown };

export type Attributes = Readonly<Record<string, Attribute>>;

/** One operation. Tensors are named; an empty name is an input or output left out. */
export interface Node {
  readonly op: string;
  /** '' for the standard operators (the alias `ai.onnx` is read as ''). */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A model-local function, named by (domain, name). */
export interface GraphFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly defaults: Attributes;
  readonly nodes: readonly Node[];
  readonly opsets: ReadonlyMap<string, number>;
}

/**
 * An ONNX model as plain immutable data: nodes in topological order, tensors by name.
 * `inputs` are the real ones: initializers listed among the inputs (IR 3) are left out on reading.
 */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, AnyTensor>;
  /** Types of intermediate tensors, where known. */
  readonly values: ReadonlyMap<string, ValueType>;
  /** Version of each operator set used; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: readonly GraphFunction[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** How messages name a node: its operator, its own name or else its first output. */
export function nodeLabel(node: Node): string {
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  return `${op} "${node.name === '' ? node.outputs.find((o) => o !== '') : node.name}"`;
}

export function intAttribute(node: Node, name: string, fallback: number): number {
  const a = node.attributes[name];
  return a?.type === 'int' ? a.value : fallback;
}

export function floatAttribute(node: Node, name: string, fallback: number): number {
  const a = node.attributes[name];
  return a?.type === 'float' ? a.value : fallback;
}

export function stringAttribute(node: Node, name: string, fallback: string): string {
  const a = node.attributes[name];
  return a?.type === 'string' ? a.value : fallback;
}

export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const a = node.attributes[name];
  return a?.type === 'ints' ? a.value : undefined;
}

export function floatsAttribute(node: Node, name: string): readonly number[] | undefined {
  const a = node.attributes[name];
  return a?.type === 'floats' ? a.value : undefined;
}

export function tensorAttribute(node: Node, name: string): AnyTensor | undefined {
  const a = node.attributes[name];
  return a?.type === 'tensor' ? a.value : undefined;
}
