import { GraphBuilder } from './builder.ts';
import { concrete } from './dims.ts';
import type { Dim, Graph, Node, Shape } from './graph.ts';
import { mixingAxes } from './mixing-axes.ts';

/** Inputs that say how large or where, not what: a size of the batch may well stand there. */
const placing: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    AffineGrid: [1],
    CenterCropPad: [1],
    Col2Im: [1, 2],
    Compress: [1],
    ConstantOfShape: [0],
    CumProd: [1],
    CumSum: [1],
    DFT: [1, 2],
    Expand: [1],
    EyeLike: [0],
    Gather: [1],
    GatherElements: [1],
    GatherND: [1],
    // Rows may be taken one by one.
    Loop: [0],
    MaxUnpool: [2],
    OneHot: [1],
    Pad: [1, 3],
    RandomNormalLike: [0],
    RandomUniformLike: [0],
    Reshape: [1],
    Resize: [1, 2, 3],
    ReverseSequence: [1],
    ScatterElements: [1],
    ScatterND: [1],
    Slice: [1, 2, 3, 4],
    Split: [1],
    SplitToSequence: [1],
    Squeeze: [1],
    Tile: [1],
    TopK: [1],
    Trilu: [1],
    Unsqueeze: [1],
    Upsample: [1],
  }),
);

/** Operators whose integers tell for any batch what they do for some: comparisons may tell two of them apart. */
const arithmetic: ReadonlySet<string> = new Set(
  'Add Cast Concat Div Gather Identity Mul Neg Reshape Shape Size Slice Split Squeeze Sub Unsqueeze'.split(
    ' ',
  ),
);

/** Batches that integer divisions do not take for alike. */
const trialRows = [1, 2, 3, 10_007];

/** Operators that count what they go over. */
const counting: ReadonlySet<string> = new Set(
  'CumProd CumSum Einsum Gemm MatMul NonZero ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceProd ReduceSum ReduceSumSquare'.split(
    ' ',
  ),
);

/**
 * The node from which the number of rows gets into the values of an output, not into shapes and indices alone: every
 * row's result depends on how many there are then. Undefined where none is seen.
 * @param flat in the form of opset 18 or newer, functions inlined
 * @param batch symbol of the batch
 * @param dependent tensors that depend on the input by their values
 */
export function countsRows(flat: Graph, batch: string, dependent: ReadonlySet<string>): Node | undefined {
  const found = originOf(flat, batch, { dependent, constant: () => false });
  if (found === undefined) return undefined;
  // Sizes of which the batch is divided out again, such as all pixels by the images, are the same for any.
  const trials = trialRows.map((rows) => new GraphBuilder(withRows(flat, batch, rows)));
  const constant = (name: string): boolean => {
    const [first, ...more] = trials.map((b) => concrete(b.contents(name))?.join());
    return first !== undefined && more.every((other) => other === first);
  };
  return originOf(flat, batch, { dependent, constant });
}

function originOf(
  flat: Graph,
  batch: string,
  { dependent, constant }: { dependent: ReadonlySet<string>; constant: (name: string) => boolean },
): Node | undefined {
  const b = new GraphBuilder(flat);
  const holds = (dim: Dim | undefined): boolean => typeof dim === 'string' && dim.split('*').includes(batch);
  const wide = (name: string): boolean => b.shape(name)?.some(holds) === true;
  const sized = new Map<string, Node>();
  const others = new Set(flat.inputs.flatMap(({ shape }) => shape ?? []).filter((dim) => dim !== batch));
  /** Symbols of one's own may stand for anything that was made of the batch. */
  const sameForAll = (dim: Dim): boolean =>
    typeof dim === 'number' || dim.split('*').every((part) => /^\d+$/.test(part) || others.has(part));

  /** Whether it counts rows of what does not depend on the pixels, such as ones in the shape of the batch. */
  const counts = (node: Node): boolean => {
    if (node.domain !== '' || !counting.has(node.op)) return false;
    if (node.op === 'NonZero') return !dependent.has(node.inputs[0] ?? '') && wide(node.inputs[0] ?? '');
    const mixing = mixingAxes.get(node.op)?.(b, node);
    if (mixing === undefined || mixing === 'all') return false;
    return mixing.some((axes, i) => {
      const name = node.inputs[i] ?? '';
      return !dependent.has(name) && axes.some((a) => holds(b.shape(name)?.at(a)));
    });
  };

  const from = (node: Node): Node | undefined => {
    const [input = ''] = node.inputs;
    if (node.domain === '' && (node.op === 'Shape' || node.op === 'Size'))
      return wide(input) ? node : undefined;
    if (counts(node)) return node;
    const skipped = node.domain === '' ? placing.get(node.op) : undefined;
    return node.inputs
      .filter((_, i) => skipped?.includes(i) !== true)
      .map((name) => sized.get(name))
      .find((origin) => origin !== undefined);
  };

  for (const node of flat.nodes) {
    const origin = from(node);
    if (origin === undefined) continue;
    for (const output of node.outputs) {
      const free = b.contents(output)?.every((dim) => sameForAll(dim)) === true || constant(output);
      if (!(free && node.domain === '' && arithmetic.has(node.op))) sized.set(output, origin);
    }
  }
  return flat.outputs.map(({ name }) => sized.get(name)).find((origin) => origin !== undefined);
}

function withRows(graph: Graph, batch: string, rows: number): Graph {
  const set = (shape: Shape | undefined): Shape | undefined =>
    shape?.map((dim) => (dim === batch ? rows : dim));
  return {
    ...graph,
    inputs: graph.inputs.map((input) => ({ ...input, shape: set(input.shape) })),
    outputs: graph.outputs.map((output) => ({ ...output, shape: undefined })),
    values: new Map(),
  };
}
