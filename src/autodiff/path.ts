import type { Graph, GraphBuilder, Node } from '../onnx/index.ts';
import { beforeMaps, reads } from '../onnx/index.ts';
import { isFloat } from './emit.ts';
import { rules } from './rules/index.ts';

/** How rules, messages and overrides name a node's operator. */
export function operatorOf(node: Node): string {
  return node.domain === '' ? node.op : `${node.domain}.${node.op}`;
}

/**
 * The output to differentiate where none is named: the first of a float type, or else the first. Maps of scores by
 * class hold the tensor that they are made of.
 */
export function defaultOutput(graph: Graph): string | undefined {
  const maps = (name: string): boolean => beforeMaps(graph, name) !== name;
  const found = graph.outputs.find((o) => isFloat(o.dtype) || maps(o.name)) ?? graph.outputs[0];
  return found && beforeMaps(graph, found.name);
}

/** Operators whose first output, an integer, stands for a real value. */
const quantising: ReadonlySet<string> = new Set([
  'QuantizeLinear',
  'DynamicQuantizeLinear',
  'ConvInteger',
  'MatMulInteger',
  'com.microsoft.QuantizeLinear',
]);

/** Operators that move integers about, so that the float rule holds for quantised tensors. */
const moving: ReadonlySet<string> = new Set(
  (
    'Concat DepthToSpace Expand Flatten Gather GatherElements GatherND Identity MaxPool Pad Reshape Slice ' +
    'SpaceToDepth Split Squeeze Tile Transpose Unsqueeze'
  ).split(' '),
);

/**
 * Tensors that depend on `wrt`, lead to `of` and carry gradients: those of float type, and integers that stand for
 * real values because they come from quantisation.
 */
export function differentiablePath(
  nodes: readonly Node[],
  b: GraphBuilder,
  wrt: readonly string[],
  of: string,
): Set<string> {
  const dependent = new Set(wrt);
  for (const node of nodes)
    if (reads(node).some((i) => dependent.has(i)))
      for (const [i, o] of node.outputs.entries())
        if (o !== '' && carries(b, node, i, dependent)) dependent.add(o);
  const leading = new Set([of]);
  for (const node of nodes.toReversed())
    if (node.outputs.some((o) => leading.has(o))) for (const i of reads(node)) leading.add(i);
  return new Set([...dependent].filter((name) => leading.has(name)));
}

/** Unknown types are taken to carry a gradient: better a named error than a silent zero. */
function carries(b: GraphBuilder, node: Node, output: number, dependent: ReadonlySet<string>): boolean {
  const type = b.type(node.outputs[output] as string);
  if (type === undefined || isFloat(type.dtype)) return true;
  const operator = operatorOf(node);
  if (quantising.has(operator)) return output === 0;
  if (operator === 'Cast' || type.dtype === 'bool' || rules.get(operator)?.zero !== undefined) return false;
  return node.inputs.some((i) => dependent.has(i) && b.type(i)?.dtype === type.dtype);
}

/** Whether the gradient of a node that makes integers is the one its rule gives. */
export function passesIntegers(b: GraphBuilder, node: Node): boolean {
  const types = node.outputs.filter((o) => o !== '').map((o) => b.type(o));
  // Classifiers give labels first, then scores.
  if (types[0] === undefined || types.some((type) => type !== undefined && isFloat(type.dtype))) return true;
  return quantising.has(operatorOf(node)) || moving.has(operatorOf(node));
}
