import type { Graph, Node, ValueInfo } from '../onnx/index.ts';
import { inline, nodeLabel, reads } from '../onnx/index.ts';

/** Operators with learned weights: what stands before the first of them may be preprocessing. */
export const weighted: ReadonlySet<string> = new Set(
  'BatchNormalization Conv ConvInteger Gemm MatMul MatMulInteger QLinearConv QLinearMatMul'.split(' '),
);

const scaling: ReadonlySet<string> = new Set('Add Div Mul Sub'.split(' '));
const preparing: ReadonlySet<string> = new Set([
  ...scaling,
  ...'BatchNormalization Cast Clip Floor Pad Resize Round Slice Split Transpose Upsample'.split(' '),
]);
const passing: ReadonlySet<string> = new Set('Concat Gather Identity Reshape Squeeze Unsqueeze'.split(' '));

/**
 * What stands between an input of images, in whatever axes, and the first operator of another kind, on every way;
 * nothing where a way has none of it.
 * @param flat functions and decided branches inlined
 */
export function preparation(flat: Graph, inputs: readonly ValueInfo[], wrt: string | undefined): Node[] {
  if (!inputs.some((i) => i.name === wrt) || !flat.nodes.some((n) => weighted.has(n.op))) return [];
  const prepared = new Set([wrt]);
  const learned = new Set<string>();
  const found: Node[] = [];
  for (const n of flat.nodes) {
    const fed = reads(n);
    const known = preparing.has(n.op) || passing.has(n.op) || n.op === 'Shape';
    if (fed.some((i) => prepared.has(i)) && known && !fed.some((i) => learned.has(i))) {
      if (preparing.has(n.op)) found.push(n);
      for (const o of n.outputs) prepared.add(o);
    } else if (fed.some((i) => prepared.has(i) || learned.has(i))) {
      if (fed.includes(wrt as string)) return [];
      for (const o of n.outputs) learned.add(o);
    }
  }
  return found;
}

/**
 * The nodes by which a graph shifts and scales its images itself, as text; undefined where it takes them as they are. A
 * batch normalization is not one: it is learned.
 * @param wrt the input of images
 */
export function normalization(graph: Graph, wrt: string): string | undefined {
  const flat = inline(graph, [wrt]);
  // Sizes are computed with too, and not from pixels.
  const values = new Set([wrt]);
  for (const n of flat.nodes)
    if (n.op !== 'Shape' && reads(n).some((i) => values.has(i))) for (const o of n.outputs) values.add(o);
  const found = preparation(flat, graph.inputs, wrt).filter(
    (n) => scaling.has(n.op) && reads(n).some((i) => values.has(i)),
  );
  return found.length === 0 ? undefined : found.map(nodeLabel).join(', ');
}
