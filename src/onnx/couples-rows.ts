import { GraphBuilder } from './builder.ts';
import type { Dim, Graph, Node } from './graph.ts';
import { inline } from './inline.ts';
import { mixingAxes } from './mixing-axes.ts';
import { reads } from './traverse.ts';

/**
 * The first node that computes over several rows of the batch, so that a row's result depends on its neighbours or on
 * its place among them; undefined where none is seen. The batch is followed through inferred shapes as the symbol of
 * the input's first axis, also within products (`12*N`). Where that axis is a number, only operators are found that
 * take statistics of whatever they get.
 *
 * Not seen: what stands in the bodies of loops and undecided branches, rows picked by indices that GatherND or
 * ScatterND are given, results that depend on the size of the batch alone, and what happens where the symbol is lost.
 * @param graph in the form of opset 18 or newer, see {@link upgrade}
 * @param input the graph input whose first axis is the batch
 */
export function couplesRows(graph: Graph, input: string): Node | undefined {
  const flat = inline(graph);
  const b = new GraphBuilder(flat);
  const batch = b.shape(input)?.[0];
  return between(flat, input).find((node) => {
    const mixing = mixingAxes.get(node.domain === '' ? node.op : `${node.domain}.${node.op}`)?.(b, node);
    if (mixing === undefined || mixing === 'all') return mixing === 'all';
    return mixing.some((axes, i) => axes.some((a) => holds(b.shape(node.inputs[i] ?? '')?.at(a), batch)));
  });
}

/** Operators that take nothing but the shape of their input. */
const shapeOnly: ReadonlySet<string> = new Set(
  'EyeLike RandomNormalLike RandomUniformLike Shape Size'.split(' '),
);

/** Nodes through which values, not mere shapes, get from the input to an output. */
function between(graph: Graph, input: string): readonly Node[] {
  const nodes = graph.nodes.filter((n) => !shapeOnly.has(n.op));
  const dependent = new Set([input]);
  for (const n of nodes)
    if (reads(n).some((i) => dependent.has(i))) for (const o of n.outputs) dependent.add(o);
  const leading = new Set(graph.outputs.map((o) => o.name));
  for (const n of nodes.toReversed())
    if (n.outputs.some((o) => leading.has(o))) for (const i of reads(n)) leading.add(i);
  return nodes.filter((n) => n.outputs.some((o) => leading.has(o)) && reads(n).some((i) => dependent.has(i)));
}

function holds(dim: Dim | undefined, batch: Dim | undefined): boolean {
  return typeof dim === 'string' && typeof batch === 'string' && dim.split('*').includes(batch);
}
