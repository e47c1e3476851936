import type { Dim, Graph, Node, Shape, ValueInfo, ValueType } from '../onnx/index.ts';
import {
  concrete,
  divideDims,
  GraphBuilder,
  intAttribute,
  intsAttribute,
  parseEinsum,
  reads,
  stringAttribute,
} from '../onnx/index.ts';
import type { DType } from '../tensor/index.ts';
import { allocate, sizeOf } from '../tensor/index.ts';
import { operatorOf } from './path.ts';

/** What one image costs. What constants decide costs nothing: the runtime computes it once, when it loads. */
export interface Cost {
  /** Pairs of a product and a sum in convolutions and matrix products. */
  readonly multiplyAdds: number;
  /**
   * Two per multiply-add, one per element that other arithmetic makes, and one per element that a reduction or the
   * window of a pool reads. Moving data counts as nothing.
   */
  readonly flops: number;
  /**
   * The most bytes that intermediate tensors and outputs take at one moment when nodes run in the graph's order, each
   * tensor is freed after its last reader and reshapes share their input. The runtime stays below it by writing
   * elementwise results over their inputs, and above it by what its kernels and its arena hold.
   */
  readonly peakBytes: number;
}

/**
 * Cost of one image, from shapes alone: the first axis of the first input is the batch, set to 1 where it is free.
 * @returns the name of a tensor of unknown shape instead, where there is one that counts
 */
export function costOf(graph: Graph): Cost | string {
  const { graph: one, images } = oneImage(graph);
  const shapes = new Map<string, Shape | undefined>();
  for (const [name, t] of one.initializers) shapes.set(name, t.shape);
  for (const [name, type] of one.values) shapes.set(name, type.shape);
  for (const info of [...one.inputs, ...one.outputs]) shapes.set(info.name, info.shape);
  const fed = dependents(one);
  const nodes = one.nodes.filter((n) => n.outputs.some((o) => fed.has(o)));
  const read = new Set(nodes.flatMap((n) => n.inputs));
  const unknown = [
    ...nodes.flatMap((n) => n.outputs),
    ...one.inputs.flatMap(({ name }) => (read.has(name) ? [name] : [])),
  ].find((o) => o !== '' && concrete(shapes.get(o)) === undefined);
  if (unknown !== undefined) return unknown;
  const shape = (name: string | undefined): number[] => concrete(shapes.get(name ?? '')) ?? [];
  let multiplyAdds = 0;
  let others = 0;
  for (const node of nodes) {
    const products = multiplyAddsOf(node, shape);
    if (products === undefined) others += otherWork(node, shape);
    else multiplyAdds += products;
  }
  return {
    multiplyAdds: multiplyAdds / images,
    flops: (2 * multiplyAdds + others) / images,
    peakBytes: peakOf(one, nodes, shape) / images,
  };
}

/** Bytes of all constants of a graph. */
export function constantBytes(graph: Graph): number {
  let bytes = 0;
  for (const t of graph.initializers.values()) bytes += sizeOf(t.shape) * elementBytes(t.dtype);
  return bytes;
}

function elementBytes(dtype: DType): number {
  return (allocate(dtype, 0) as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 0;
}

/** The graph for as few images as it takes, shapes inferred anew, and how many those are. */
function oneImage(graph: Graph): { graph: Graph; images: number } {
  const batch = graph.inputs[0]?.shape?.[0];
  if (typeof batch === 'number') return { graph, images: Math.max(1, batch) };
  if (batch === undefined) return { graph, images: 1 };
  const bound = <T extends ValueType>(type: T): T => ({ ...type, shape: type.shape?.map(bindOne) });
  const bindOne = (d: Dim): Dim => {
    let rest = d;
    for (let less = divideDims(rest, batch); less !== undefined; less = divideDims(rest, batch)) rest = less;
    return rest;
  };
  // What depends on other symbols is left to inference, which knows more now.
  const values = new Map<string, ValueType>();
  for (const [name, type] of graph.values) {
    const one = bound(type);
    if (concrete(one.shape) !== undefined) values.set(name, one);
  }
  const inputs = graph.inputs.map((i): ValueInfo => bound(i));
  const outputs = graph.outputs.map((o): ValueInfo => bound(o));
  return { graph: new GraphBuilder({ ...graph, inputs, outputs, values }).finish(), images: 1 };
}

/** What depends on an input; the rest is constant. */
function dependents(graph: Graph): Set<string> {
  const out = new Set(graph.inputs.map((i) => i.name));
  for (const node of graph.nodes)
    if (reads(node).some((i) => out.has(i)) || node.op.startsWith('Random'))
      for (const o of node.outputs) if (o !== '') out.add(o);
  return out;
}

type ShapeOf = (name: string | undefined) => number[];

/** Undefined for operators that are neither convolution nor matrix product. */
function multiplyAddsOf(node: Node, shape: ShapeOf): number | undefined {
  const [x, w] = [shape(node.inputs[0]), shape(node.inputs[1])];
  const out = sizeOf(shape(node.outputs[0]));
  switch (operatorOf(node)) {
    case 'Conv':
    case 'ConvInteger':
    case 'com.microsoft.FusedConv':
      return out * sizeOf(w.slice(1));
    case 'ConvTranspose':
      return sizeOf(x) * sizeOf(w.slice(1));
    case 'Gemm':
    case 'MatMul':
    case 'MatMulInteger':
    case 'com.microsoft.FusedGemm':
    case 'com.microsoft.FusedMatMul':
      return out * (x.at(intAttribute(node, 'transA', 0) === 1 ? -2 : -1) ?? 1);
    case 'Einsum':
      return einsumProducts(node, shape);
    default:
      return undefined;
  }
}

/** Every combination of labels is one product per further operand. */
function einsumProducts(node: Node, shape: ShapeOf): number {
  const operands = node.inputs.map(shape);
  const terms = parseEinsum(
    stringAttribute(node, 'equation', ''),
    operands.map((s) => s.length),
  );
  const sizes = new Map<string, number>();
  for (const [i, labels] of terms.inputs.entries())
    for (const [j, label] of labels.entries())
      sizes.set(label, Math.max(sizes.get(label) ?? 1, operands[i]?.[j] ?? 1));
  return sizeOf([...sizes.values()]) * (operands.length - 1);
}

const moves: ReadonlySet<string> = new Set(
  (
    'Cast CastLike Compress Concat ConstantOfShape DepthToSpace Dropout Expand EyeLike Flatten Gather ' +
    'GatherElements GatherND Identity OneHot Pad Range Reshape ReverseSequence Shape Size Slice SpaceToDepth ' +
    'Split Squeeze Tile Transpose Trilu Unsqueeze'
  ).split(' '),
);

const pools: ReadonlySet<string> = new Set(['AveragePool', 'LpPool', 'MaxPool']);

function otherWork(node: Node, shape: ShapeOf): number {
  if (moves.has(operatorOf(node))) return 0;
  const out = sizeOf(shape(node.outputs[0]));
  if (pools.has(node.op)) return out * sizeOf(intsAttribute(node, 'kernel_shape') ?? []);
  const reduces = node.op.startsWith('Reduce') || node.op.startsWith('Global') || node.op.startsWith('Arg');
  return reduces ? sizeOf(shape(node.inputs[0])) : out;
}

/** Operators whose output is their input's memory seen in another shape. */
const views: ReadonlySet<string> = new Set('Flatten Identity Reshape Squeeze Unsqueeze'.split(' '));

/** Walks the nodes in order, keeping what a later one reads. */
function peakOf(graph: Graph, nodes: readonly Node[], shape: ShapeOf): number {
  const types = new Map<string, DType>();
  for (const [name, type] of graph.values) types.set(name, type.dtype);
  for (const output of graph.outputs) types.set(output.name, output.dtype);
  const owners = new Map<string, string>();
  const owner = (name: string): string => owners.get(name) ?? name;
  for (const node of nodes)
    if (views.has(node.op) && node.domain === '')
      owners.set(node.outputs[0] as string, owner(node.inputs[0] as string));
  const last = new Map<string, number>();
  for (const [i, node] of nodes.entries())
    for (const name of [...reads(node), ...node.outputs]) last.set(owner(name), i);
  for (const output of graph.outputs) last.set(owner(output.name), nodes.length);
  const ends = Map.groupBy(last.keys(), (name) => last.get(name) as number);
  const live = new Map<string, number>();
  let held = 0;
  let peak = 0;
  for (const [i, node] of nodes.entries()) {
    for (const o of node.outputs) {
      if (o === '' || owner(o) !== o) continue;
      const bytes = sizeOf(shape(o)) * elementBytes(types.get(o) ?? 'float32');
      live.set(o, bytes);
      held += bytes;
    }
    peak = Math.max(peak, held);
    for (const name of ends.get(i) ?? []) {
      held -= live.get(name) ?? 0;
      live.delete(name);
    }
  }
  return peak;
}
