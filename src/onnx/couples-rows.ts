import { GraphBuilder } from './builder.ts';
import { countsRows } from './counts-rows.ts';
import type { Dim, Graph, Node } from './graph.ts';
import { inline } from './inline.ts';
import { mixingAxes } from './mixing-axes.ts';
import { between, shapeOnly } from './traverse.ts';

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
  const values = flat.nodes.filter((n) => !shapeOnly.has(n.op));
  const { nodes, dependent } = between(
    values,
    [input],
    flat.outputs.map((o) => o.name),
  );
  const mixes = nodes.find((node) => {
    const mixing = mixingAxes.get(node.domain === '' ? node.op : `${node.domain}.${node.op}`)?.(b, node);
    if (mixing === undefined || mixing === 'all') return mixing === 'all';
    return mixing.some((axes, i) => axes.some((a) => holds(b.shape(node.inputs[i] ?? '')?.at(a), batch)));
  });
  return mixes ?? (typeof batch === 'string' ? countsRows(flat, batch, dependent) : undefined);
}

function holds(dim: Dim | undefined, batch: Dim | undefined): boolean {
  return typeof dim === 'string' && typeof batch === 'string' && dim.split('*').includes(batch);
}
