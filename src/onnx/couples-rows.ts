import { GraphBuilder } from './builder.ts';
import { countsRows } from './counts-rows.ts';
import type { Dim, Graph, Node } from './graph.ts';
import { inline } from './inline.ts';
import { mixingAxes } from './mixing-axes.ts';
import { reads } from './traverse.ts';

/**
 * The first node that computes over several rows of the batch, so that a row's result depends on its neighbours or on
 * its place among them; undefined where none is seen. The batch is followed through inferred shapes as the symbol of
 * the input's first axis, also within products (`12*N`). Where that axis is a number, only operators are found that
 * take statistics of whatever they get. A node that takes the size of the batch (Shape, Size) is found where that gets
 * into values, see {@link countsRows}.
 *
 * Not seen: what stands in the bodies of loops and undecided branches, rows picked by indices that GatherND or
 * ScatterND are given, and what happens where the symbol is lost.
 * @param graph in the form of opset 18 or newer, see {@link upgrade}
 * @param input the graph input whose first axis is the batch
 */
export function couplesRows(graph: Graph, input: string): Node | undefined {
  const flat = inline(graph);
  const b = new GraphBuilder(flat);
  const batch = b.shape(input)?.[0];
  const { nodes, dependent } = between(flat, input);
  const mixes = nodes.find((node) => {
    const mixing = mixingAxes.get(node.domain === '' ? node.op : `${node.domain}.${node.op}`)?.(b, node);
    if (mixing === undefined || mixing === 'all') return mixing === 'all';
    return mixing.some((axes, i) => axes.some((a) => holds(b.shape(node.inputs[i] ?? '')?.at(a), batch)));
  });
  return mixes ?? (typeof batch === 'string' ? countsRows(flat, batch, dependent) : undefined);
}

/** Operators that take nothing but the shape of their input. */
const shapeOnly: ReadonlySet<string> = new Set(
  'EyeLike RandomNormalLike RandomUniformLike Shape Size'.split(' '),
);

/** Nodes through which values, not mere shapes, get from the input to an output, and all that depends on those. */
function between(graph: Graph, input: string): { nodes: readonly Node[]; dependent: ReadonlySet<string> } {
  const nodes = graph.nodes.filter((n) => !shapeOnly.has(n.op));
  const dependent = new Set([input]);
  for (const n of nodes)
    if (reads(n).some((i) => dependent.has(i))) for (const o of n.outputs) dependent.add(o);
  const leading = new Set(graph.outputs.map((o) => o.name));
  for (const n of nodes.toReversed())
    if (n.outputs.some((o) => leading.has(o))) for (const i of reads(n)) leading.add(i);
  const found = nodes.filter(
    (n) => n.outputs.some((o) => leading.has(o)) && reads(n).some((i) => dependent.has(i)),
  );
  return { nodes: found, dependent };
}

function holds(dim: Dim | undefined, batch: Dim | undefined): boolean {
  return typeof dim === 'string' && typeof batch === 'string' && dim.split('*').includes(batch);
}
