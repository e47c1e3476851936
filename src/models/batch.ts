import {
  couplesRows,
  type Graph,
  GraphBuilder,
  type Node,
  nodeLabel,
  prune,
  type Shape,
} from '../onnx/index.ts';
import type { Flag } from './classifier.ts';

/** A graph whose batch is as free as can be. */
export interface Batched {
  readonly graph: Graph;
  /** Images that may be asked about in one run. */
  readonly maxRows: number;
  /** Rows that every run must have; 0 where the graph has no axis for them; undefined where they are free. */
  readonly rows?: number;
  readonly flags: readonly Flag[];
}

const symbol = 'N';

/**
 * Makes a fixed batch free where all shapes follow. Otherwise runs have the rows of the graph, and where rows see each
 * other or cannot be told apart one image fills all of them.
 * @param input of the images
 * @param output the tensor of scores
 * @param more.batched whether the input has an axis for the batch
 */
export function freeBatch(
  graph: Graph,
  { input, output }: { input: string; output: string },
  { name, batched }: { name: string; batched: boolean },
): Batched {
  const alone = 'so its images are run one at a time, which is slower';
  if (!batched)
    return {
      graph,
      maxRows: 1,
      rows: 0,
      flags: [
        { code: 'FIXED_BATCH', message: `${name} takes a single image without a batch axis, ${alone}.` },
      ],
    };
  const shape = graph.inputs.find((i) => i.name === input)?.shape;
  const declared = shape?.[0];
  const free = withBatch(graph, input, symbol);
  const coupled = couplesRows(prune(free, [output]), input);
  const b = new GraphBuilder(free);
  const baked = bakedIn(b);
  const fixed = (rows: number, by: string): Batched => {
    const own = typeof declared === 'number' ? graph : withBatch(graph, input, rows);
    const together = coupled === undefined || typeof declared !== 'number';
    const most = together ? rows : 1;
    const how =
      most === 1 ? alone : `so its images are run ${rows} at a time, and copies fill the last run up`;
    return {
      graph: own,
      maxRows: most,
      rows,
      flags: [{ code: 'FIXED_BATCH', message: `${name} has a fixed batch of ${rows}${by}, ${how}.` }],
    };
  };
  const follows = coupled === undefined && (b.shape(output)?.[0] ?? symbol) === symbol;
  if (typeof declared === 'number') {
    // Where a shape is written out nothing that follows from it tells of the batch.
    const said = b.shape(output)?.[0] === symbol && baked?.rows !== declared;
    return follows && said
      ? { graph: free, maxRows: Number.POSITIVE_INFINITY, flags: [] }
      : fixed(declared, '');
  }
  if (!follows && baked !== undefined && gives(graph, { input, output }, baked.rows))
    return fixed(baked.rows, ` (${nodeLabel(baked.node)})`);
  if (coupled === undefined) return { graph: free, maxRows: Number.POSITIVE_INFINITY, flags: [] };
  const what =
    coupled.op === 'Shape' || coupled.op === 'Size'
      ? `answers otherwise by the number of images in its batch (${coupled.op})`
      : `computes over its whole batch (${coupled.op})`;
  const message = `${name} ${what}, so its images are run one at a time.`;
  return { graph: free, maxRows: 1, flags: [{ code: 'BATCH_COUPLED', message }] };
}

/** The first Reshape that writes a number where the batch was. */
function bakedIn(b: GraphBuilder): { node: Node; rows: number } | undefined {
  for (const node of b.nodes) {
    if (node.op !== 'Reshape') continue;
    const [rows] = b.contents(node.inputs[1] ?? '') ?? [];
    const from = b.shape(node.inputs[0] ?? '')?.[0];
    if (typeof rows === 'number' && rows > 0 && (from === undefined || holds(from))) return { node, rows };
  }
  return undefined;
}

function holds(dim: Shape[number] | undefined): boolean {
  return typeof dim === 'string' && dim.split('*').includes(symbol);
}

/** Whether a batch of so many rows gives as many rows of scores. */
function gives(graph: Graph, { input, output }: { input: string; output: string }, rows: number): boolean {
  return new GraphBuilder(withBatch(graph, input, rows)).shape(output)?.[0] === rows;
}

/** Types recorded in the file would keep the old batch: they are inferred anew. */
function withBatch(graph: Graph, input: string, batch: string | number): Graph {
  const first = graph.inputs.find((i) => i.name === input)?.shape?.[0];
  const swap = (shape: Shape | undefined) =>
    shape === undefined || shape[0] !== first ? undefined : [batch, ...shape.slice(1)];
  return {
    ...graph,
    inputs: graph.inputs.map((i) => (i.name === input ? { ...i, shape: swap(i.shape) } : i)),
    outputs: graph.outputs.map((o) => ({ ...o, shape: swap(o.shape) })),
    values: new Map(),
  };
}
