import { widenBrain } from '../autodiff/index.ts';
import {
  couplesRows,
  type Graph,
  GraphBuilder,
  type LiftedDraw,
  liftRandom,
  onnxType,
  prune,
  upgrade,
} from '../onnx/index.ts';
import { AdvarenaError, type InputSize, tensor } from '../tensor/index.ts';
import type { Flag } from './classifier.ts';
import type { Sidecar } from './sidecar.ts';
import type { ModelSize } from './spec.ts';

/** Weighted logits over which an objective is averaged: one head, or one per member where losses are fused. */
export interface Head {
  /** Name of a tensor [N, classes] of the graph. */
  logits: string;
  weight: number;
}

/** A graph from pixels to the dataset's classes: input `images` [N, C, H, W], output `logits` [N, classes]. */
export interface ImageGraph {
  graph: Graph;
  input: InputSize;
  classes: number;
  heads: readonly Head[];
  flags: readonly Flag[];
  /** Class j is the model's own output j + indexOffset (its background columns) ... */
  indexOffset: number;
  /** ... and the dataset's label j + labelOffset. */
  labelOffset: number;
  /** Rows that one run may take; 1 where the graph has a fixed batch or couples its rows. */
  maxRows: number;
  /** Tensors that objectives may read, by the names of the sidecar; `reject` is a graph output too, [N]. */
  outputs?: Readonly<Record<string, string>>;
  /** Random numbers that the graph is given, in the place of its random nodes. */
  draws?: readonly LiftedDraw[];
}

export interface NetworkOptions {
  /** What flags call the model. */
  name: string;
  /** What errors name: the sidecar, or the model where there is none. The name by default. */
  where?: string;
  /** Image size of the dataset; the network's own by default. */
  size?: ModelSize;
  /** Cut a final softmax off and attack the logits before it. */
  logits?: boolean;
}

/**
 * Pixels to classes as one graph: resize to the network's size (linear, half_pixel, no antialiasing: what the
 * published figures were measured with), channel order, (x − mean)/std, layout, the network, and its outputs cut to
 * the dataset's classes (a background column is the one whose label would be below the dataset's first).
 * @throws AdvarenaError MODEL_INPUT, MODEL_OUTPUT where sidecar and graph disagree
 */
export function networkGraph(source: Graph, sidecar: Sidecar, options: NetworkOptions): ImageGraph {
  const flags: Flag[] = [];
  const taps = Object.entries(sidecar.outputs ?? {});
  let kept = [...new Set([sidecar.output.name, ...taps.map(([, tensor]) => tensor)])];
  const upgraded = widenBrain(upgrade(source), kept);
  refuseUnknown(upgraded, taps, options);
  const freed = freeBatch(upgraded, sidecar, options, flags);
  const lifted = liftRandom(prune(freed.graph, kept), 'N');
  const maxRows = lifted.perRow ? freed.maxRows : 1;
  if (lifted.draws.length > 0)
    flags.push({
      code: 'RANDOM',
      message: `${options.name} draws random numbers: its figures are those of the draws that were asked for.`,
    });
  let { graph } = lifted;
  const { channels: order, layout, height, width } = sidecar.input;
  const channels = order === 'GRAY' ? 1 : 3;
  const size = options.size ?? { height, width };

  const softmax = trailingSoftmax(graph, sidecar.output.name);
  let kind = sidecar.output.kind;
  if (softmax !== undefined && options.logits === true) {
    kept = [...new Set([softmax, ...taps.map(([, tensor]) => tensor)])];
    graph = prune(graph, kept);
    kind = 'logits';
  } else if (kind === 'probabilities' || softmax !== undefined) {
    kind = 'probabilities';
    flags.push({
      code: 'SOFTMAX_OUTPUT',
      message: `${options.name} answers with probabilities: their gradients saturate where it is sure. Attack the logits before the softmax with --logits.`,
    });
  }

  const b = new GraphBuilder(undefined, { opset: graph.opsets.get('') ?? 18, name: options.name });
  const images = b.input('images', 'float32', ['N', channels, size.height, size.width]);
  let x = images;
  if (size.height !== height || size.width !== width)
    // By sizes: from scales the runtime would compute 226 pixels of 227, in float32.
    x = b.op(
      'Resize',
      [x, undefined, undefined, b.ints([height, width])],
      { axes: [2, 3], mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
      'resized',
    );
  b.declare(x, { dtype: 'float32', shape: ['N', channels, height, width] });
  if (order === 'BGR') {
    const parts = b.node('Split', [x], { axis: 1, num_outputs: 3 }, { outputs: 3, name: 'channel' });
    x = b.op('Concat', parts.toReversed(), { axis: 1 }, 'bgr');
  }
  const { mean, std } = sidecar.preprocessing;
  const perChannel = (values: readonly number[]): string =>
    b.constant(tensor(Float32Array.from(values), [1, channels, 1, 1]), 'preprocessing');
  if (mean.some((m) => m !== 0)) x = b.op('Sub', [x, perChannel(mean)], {}, 'centred');
  if (std.some((s) => s !== 1)) x = b.op('Div', [x, perChannel(std)], {}, 'normalised');
  if (layout === 'NHWC') x = b.op('Transpose', [x], { perm: [0, 2, 3, 1] }, 'nhwc');
  const wanted = graph.inputs.find((i) => i.name === sidecar.input.name)?.dtype ?? 'float32';
  if (!['float32', 'float64', 'float16', 'bfloat16'].includes(wanted))
    throw new AdvarenaError('MODEL_INPUT', `The input "${sidecar.input.name}" is of type ${wanted}.`, {
      where: options.name,
      remedy: 'Export the model with a floating-point input: whole numbers have no gradient.',
    });
  if (wanted !== 'float32') x = b.op('Cast', [x], { to: onnxType(wanted) }, 'typed');

  const draws: LiftedDraw[] = [];
  const random: Record<string, string> = {};
  for (const draw of lifted.draws) {
    const name = b.input(draw.name, 'float32', ['N', ...draw.shape]);
    draws.push({ ...draw, name });
    // Numbers without a batch axis are those of one row at a time.
    const free = graph.inputs.find((i) => i.name === draw.name)?.shape?.[0] === 'N';
    random[draw.name] = free ? name : b.op('Reshape', [name, b.ints(draw.shape)], {}, 'drawn');
  }
  const found = b.include(graph, { [sidecar.input.name]: x, ...random }, 'net/');
  let [logits = ''] = found;
  if (b.dtype(logits) !== 'float32') logits = b.op('Cast', [logits], { to: onnxType('float32') }, 'float32');
  const shape = b.shape(logits);
  // Networks that pool to a 1x1 map often leave its axes in the output.
  if (shape !== undefined && shape.length > 2 && shape.slice(2).every((d) => d === 1))
    logits = b.op('Flatten', [logits], { axis: 1 }, 'flat');
  const columns = b.shape(logits)?.[1] ?? sidecar.output.classes;
  if (columns !== sidecar.output.classes)
    throw new AdvarenaError(
      'MODEL_OUTPUT',
      `The graph has ${columns} outputs, its sidecar says ${sidecar.output.classes} classes.`,
      {
        where: options.where ?? options.name,
        remedy: 'Correct output.classes in the sidecar.',
      },
    );
  const background = backgroundColumns(sidecar);
  const classes = sidecar.output.classes - background;
  if (background > 0)
    logits = b.op(
      'Slice',
      [logits, b.ints([background]), b.ints([sidecar.output.classes]), b.ints([1])],
      {},
      'classes',
    );
  if (kind === 'probabilities') logits = logOf(b, logits, classes);
  b.declare(logits, { dtype: 'float32', shape: ['N', classes] });
  const out = b.output(logits, 'logits');
  const outputs: Record<string, string> = Object.fromEntries(
    taps.map(([name, tensor]) => [name, found[kept.indexOf(tensor)] as string]),
  );
  if (outputs['reject'] !== undefined) outputs['reject'] = b.output(rejectOf(b, outputs['reject']), 'reject');
  return {
    graph: b.finish(),
    input: { channels, height: size.height, width: size.width },
    classes,
    heads: [{ logits: out, weight: 1 }],
    flags,
    indexOffset: background,
    labelOffset: background + (sidecar.labels?.offset ?? 0),
    maxRows,
    ...(taps.length > 0 && { outputs }),
    ...(draws.length > 0 && { draws }),
  };
}

/** @throws AdvarenaError OUTPUT naming the tensor that is not there */
function refuseUnknown(
  graph: Graph,
  taps: readonly (readonly [string, string])[],
  { name, where = name }: NetworkOptions,
): void {
  const there = new Set([...graph.inputs.map((i) => i.name), ...graph.nodes.flatMap((n) => n.outputs)]);
  for (const [tap, tensor] of taps)
    if (!there.has(tensor))
      throw new AdvarenaError('OUTPUT', `The graph has no tensor "${tensor}" for the output "${tap}".`, {
        where,
        remedy: 'Name the output of a node of the graph under outputs in the sidecar.',
      });
}

/** One float32 number per row. */
function rejectOf(b: GraphBuilder, tensor: string): string {
  const flat = b.op('Reshape', [tensor, b.ints([-1])], {}, 'reject_flat');
  return b.dtype(flat) === 'float32' ? flat : b.op('Cast', [flat], { to: onnxType('float32') });
}

/**
 * log p of probabilities [N, classes]: cross-entropy of it is −log p. The floor keeps a probability of 0 finite. The
 * runtime takes logarithms in fours and computes what is left over otherwise, so rows are filled up to fours: a
 * row's answer must not depend on its place in the batch.
 */
export function logOf(b: GraphBuilder, probabilities: string, classes: number): string {
  const more = -classes & 3;
  const padded = more === 0 ? probabilities : b.op('Pad', [probabilities, b.ints([0, 0, 0, more])]);
  const log = b.op('Log', [b.op('Max', [padded, b.scalar(1e-30)])], {}, 'log');
  return more === 0 ? log : b.op('Slice', [log, b.ints([0]), b.ints([classes]), b.ints([1])]);
}

/** Columns before the dataset's first class: of 1001 outputs for ImageNet, the one of label 0 is background. */
function backgroundColumns(sidecar: Sidecar): number {
  const imagenet = /^imagenet/i.test(sidecar.labels?.dataset ?? '') && sidecar.output.classes === 1001;
  return imagenet ? Math.max(0, 1 - (sidecar.labels?.offset ?? 0)) : 0;
}

/** The tensor before a softmax over the classes that ends the graph. */
function trailingSoftmax(graph: Graph, output: string): string | undefined {
  let name = output;
  for (;;) {
    const node = graph.nodes.find((n) => n.outputs.includes(name));
    if (node === undefined) return undefined;
    if (node.op === 'Softmax') return node.inputs[0];
    if (!['Cast', 'Identity', 'Flatten', 'Reshape', 'Squeeze'].includes(node.op)) return undefined;
    name = node.inputs[0] ?? '';
  }
}

/** Makes a fixed batch free where all shapes follow; otherwise such a model runs its images one by one. */
function freeBatch(
  graph: Graph,
  sidecar: Sidecar,
  { name, where = name }: NetworkOptions,
  flags: Flag[],
): { graph: Graph; maxRows: number } {
  const input = graph.inputs.find((i) => i.name === sidecar.input.name);
  if (input === undefined)
    throw new AdvarenaError('MODEL_INPUT', `The graph has no input "${sidecar.input.name}".`, {
      where,
      remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}: correct the sidecar.`,
    });
  const { layout, height, width, channels } = sidecar.input;
  const planes = channels === 'GRAY' ? 1 : 3;
  const said = layout === 'NCHW' ? [planes, height, width] : [height, width, planes];
  if (
    input.shape !== undefined &&
    (input.shape.length !== 4 ||
      said.some((d, i) => typeof input.shape?.[i + 1] === 'number' && d !== input.shape[i + 1]))
  )
    throw new AdvarenaError(
      'MODEL_INPUT',
      `The graph takes [${input.shape.join(', ')}], its sidecar says [N, ${said.join(', ')}] (${layout}).`,
      { where, remedy: 'Correct layout, height, width and channels of the input in the sidecar.' },
    );
  if (!graph.outputs.some((o) => o.name === sidecar.output.name))
    throw new AdvarenaError('MODEL_OUTPUT', `The graph has no output "${sidecar.output.name}".`, {
      where,
      remedy: `Its outputs are ${graph.outputs.map((o) => o.name).join(', ')}: correct the sidecar.`,
    });
  const batch = input.shape?.[0];
  const symbol = 'N';
  const renamed = withBatch(graph, input.name, symbol);
  const coupled = couplesRows(prune(renamed, [sidecar.output.name]), input.name);
  if (coupled !== undefined && typeof batch !== 'number') {
    flags.push({
      code: 'BATCH_COUPLED',
      message: `${name} computes over its whole batch (${coupled.op}), so its images are run one at a time.`,
    });
    return { graph, maxRows: 1 };
  }
  if (typeof batch !== 'number') return { graph: renamed, maxRows: Number.POSITIVE_INFINITY };
  const output = new GraphBuilder(renamed).shape(sidecar.output.name);
  const hides = graph.nodes.some(
    (n) =>
      n.op === 'Reshape' &&
      typeof renamed.initializers.get(n.inputs[1] ?? '')?.data[0] === 'bigint' &&
      batch === 1 &&
      renamed.initializers.get(n.inputs[1] ?? '')?.data[0] === 1n,
  );
  if (coupled === undefined && output?.[0] === symbol && !hides)
    return { graph: renamed, maxRows: Number.POSITIVE_INFINITY };
  flags.push({
    code: 'FIXED_BATCH',
    message: `${name} has a fixed batch of ${batch}, so its images are run one at a time, which is slower.`,
  });
  if (batch !== 1)
    throw new AdvarenaError('MODEL_INPUT', `The batch of ${batch} is fixed in the graph.`, {
      where: name,
      remedy: 'Export the model with a free batch axis, or with a batch of 1.',
    });
  return { graph, maxRows: 1 };
}

/** Types recorded in the file would keep the old batch: they are inferred anew. */
function withBatch(graph: Graph, input: string, symbol: string): Graph {
  const first = graph.inputs.find((i) => i.name === input)?.shape?.[0];
  const swap = (shape: readonly (number | string)[] | undefined) =>
    shape === undefined || shape[0] !== first ? undefined : [symbol, ...shape.slice(1)];
  return {
    ...graph,
    inputs: graph.inputs.map((i) => (i.name === input ? { ...i, shape: swap(i.shape) } : i)),
    outputs: graph.outputs.map((o) => ({ ...o, shape: swap(o.shape) })),
    values: new Map(),
  };
}
