import { widenBrain } from '../autodiff/index.ts';
import {
  type Graph,
  GraphBuilder,
  inline,
  type LiftedDraw,
  liftRandom,
  onnxType,
  prune,
  upgrade,
} from '../onnx/index.ts';
import { AdvarenaError, type InputSize, tensor } from '../tensor/index.ts';
import { freeBatch } from './batch.ts';
import { checkScores, columnsFor, readingOf, scoresOf, severalRows } from './class-output.ts';
import type { Flag } from './classifier.ts';
import { type InputValue, withInputs } from './further-inputs.ts';
import { fitOf, type ImageFit } from './image-input.ts';
import { readingFlags } from './reading-flags.ts';
import type { SaidScores } from './score-kinds.ts';
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
  /** What the scores of its networks are said to be. */
  said?: readonly SaidScores[];
  /** Class j is the model's own output j + indexOffset (its background columns) ... */
  indexOffset: number;
  /** ... and the dataset's label j + labelOffset. */
  labelOffset: number;
  /** What people call the classes. */
  classNames?: readonly string[];
  /** Rows that one run may ask about; 1 where the graph takes a single one or couples its rows. */
  maxRows: number;
  /** Rows that every run must have, where that is a fixed number above 1: what is left over is filled with copies. */
  fixedRows?: number;
  /** Tensors that objectives may read, by the names of the sidecar; `reject` is a graph output too, [N]. */
  outputs?: Readonly<Record<string, string>>;
  /** Random numbers that the graph is given, in the place of its random nodes. */
  draws?: readonly LiftedDraw[];
  /** What is said where a run gives several rows of scores for an image: sizes may be known only then. */
  several?: { message: string; remedy: string };
}

export interface NetworkOptions {
  /** What flags call the model. */
  name: string;
  /** What errors name: the sidecar, or the model where there is none. The name by default. */
  where?: string;
  /** Image size of the dataset; the network's own by default. */
  size?: ModelSize;
  /** Cut a final softmax or sigmoids off and attack the logits before them. */
  logits?: boolean;
  /** Values of further inputs, by their names: before those of the sidecar. */
  inputs?: ReadonlyMap<string, InputValue>;
}

/**
 * Pixels to classes as one graph: resize to the network's size (linear, half_pixel, no antialiasing: what the
 * published figures were measured with), channel order, (x − mean)/std, layout, the network, and its outputs cut to
 * the dataset's classes (a background column is the one whose label would be below the dataset's first).
 * @param source the graph of the file; further inputs become constants
 * @throws AdvarenaError MODEL_INPUT, MODEL_OUTPUT where sidecar and graph disagree
 */
export function networkGraph(source: Graph, sidecar: Sidecar, options: NetworkOptions): ImageGraph {
  const { name: modelName, where = modelName } = options;
  const { input, output } = sidecar;
  const taps = Object.entries(sidecar.outputs ?? {});
  const tensors = taps.map(([, tensor]) => tensor);
  const scores = scoresOf(source, output.name, where);
  let kept = [...new Set([scores, ...tensors])];
  refuseUnknown(source, taps, where);
  const given = new Map([...Object.entries(sidecar.inputs ?? {}), ...(options.inputs ?? [])]);
  const fit = imageFit(source, input, where);
  const whole = withInputs(prune(source, kept), input.name, given, where);
  // What ends the network may stand in a function.
  const upgraded = widenBrain(upgrade(inline(whole, kept)), kept);
  const freed = freeBatch(
    upgraded,
    { input: input.name, output: scores },
    { name: modelName, batched: fit.batched },
  );
  const flags: Flag[] = [...freed.flags];
  const { rows } = freed;
  const type = new GraphBuilder(freed.graph).type(scores) ?? {};
  checkScores(source, { output: output.name, type, rows, where });
  const lifted = liftRandom(prune(freed.graph, kept), 'N');
  const maxRows = lifted.perRow ? freed.maxRows : 1;
  if (lifted.draws.length > 0)
    flags.push({
      code: 'RANDOM',
      message: `${modelName} draws random numbers: its figures are those of the draws that were asked for.`,
    });
  let { graph } = lifted;
  const { channels: order, layout, height, width } = input;
  const channels = order === 'GRAY' ? 1 : 3;
  const size = options.size ?? { height, width };

  const reading = readingOf(graph, scores, output, { logits: options.logits === true, rows, where });
  const { kind } = reading;
  // Sigmoids may be called probabilities, and need not sum to 1 for that.
  const numbers = reading.activation?.op === 'Sigmoid' ? 'sigmoids' : kind;
  if (reading.tensor !== scores) {
    kept = [...new Set([reading.tensor, ...tensors])];
    graph = prune(graph, kept);
  } else flags.push(...readingFlags(modelName, reading, options.logits === true));

  const b = new GraphBuilder(undefined, { opset: graph.opsets.get('') ?? 18, name: modelName });
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
  const fixed = rows === 0 ? [] : [rows ?? -1];
  if (fit.image.length !== 3 || rows !== undefined)
    x = b.op('Reshape', [x, b.ints([...fixed, ...fit.image])], {}, 'shaped');
  // What is left of the batch in symbols is the symbol of the graph's own.
  if (rows === undefined) b.declare(x, { dtype: 'float32', shape: ['N', ...fit.image] });
  const wanted = graph.inputs.find((i) => i.name === input.name)?.dtype ?? 'float32';
  if (!['float32', 'float64', 'float16', 'bfloat16'].includes(wanted))
    throw new AdvarenaError(
      'MODEL_INPUT',
      `The input "${input.name}" is of type ${wanted}, which has no gradient.`,
      {
        where,
        remedy: 'Export the model with an input of floating-point numbers.',
      },
    );
  if (wanted !== 'float32') x = b.op('Cast', [x], { to: onnxType(wanted) }, 'typed');

  const draws: LiftedDraw[] = [];
  const random: Record<string, string> = {};
  for (const draw of lifted.draws) {
    const name = b.input(draw.name, 'float32', ['N', ...draw.shape]);
    draws.push({ ...draw, name });
    // Numbers without a batch axis are those of one row at a time.
    const free = graph.inputs.find((i) => i.name === draw.name)?.shape?.[0] === 'N';
    random[draw.name] = free ? name : b.op('Gather', [name, b.scalar(0, 'int64')], { axis: 0 }, 'drawn');
  }
  const found = b.include(graph, { [input.name]: x, ...random }, 'net/');
  const several = severalRows(source, output.name);
  let logits = columnsFor(b, found[0] as string, output, { kind, rows, where, several });
  const background = backgroundColumns(sidecar);
  const classes = output.classes - background;
  if (background > 0)
    logits = b.op(
      'Slice',
      [logits, b.ints([background]), b.ints([output.classes]), b.ints([1])],
      {},
      'classes',
    );
  if (kind !== 'logits') logits = logOf(b, logits, classes);
  b.declare(logits, { dtype: 'float32', shape: ['N', classes] });
  const out = b.output(logits, 'logits');
  const outputs: Record<string, string> = Object.fromEntries(
    taps.map(([name, tensor]) => [name, found[kept.indexOf(tensor)] as string]),
  );
  if (outputs['reject'] !== undefined) {
    const tensor = taps.find(([name]) => name === 'reject')?.[1];
    outputs['reject'] = b.output(rejectOf(b, outputs['reject'], { tensor, rows, where }), 'reject');
  }
  return {
    graph: b.finish(),
    input: { channels, height: size.height, width: size.width },
    classes,
    heads: [{ logits: out, weight: 1 }],
    flags,
    said: [{ name: modelName, output: out, kind: numbers, whole: background === 0 }],
    indexOffset: background,
    labelOffset: labelOffsetOf(sidecar),
    ...(sidecar.labels?.names && { classNames: sidecar.labels.names.slice(background) }),
    maxRows,
    ...(rows !== undefined && rows > 1 && { fixedRows: rows }),
    ...(taps.length > 0 && { outputs }),
    ...(draws.length > 0 && { draws }),
    several,
  };
}

/** @throws AdvarenaError MODEL_INPUT where the images that the sidecar tells of do not fit the graph's input */
function imageFit(graph: Graph, input: Sidecar['input'], where: string): ImageFit {
  const found = graph.inputs.find((i) => i.name === input.name);
  if (found === undefined)
    throw new AdvarenaError('MODEL_INPUT', `The graph has no input "${input.name}".`, {
      where,
      remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}: correct the sidecar.`,
    });
  const fit = fitOf(found.shape, input);
  if (fit !== undefined) return fit;
  const { layout, height, width } = input;
  const planes = input.channels === 'GRAY' ? 1 : 3;
  const said = layout === 'NHWC' ? [height, width, planes] : [planes, height, width];
  const text = layout === 'flat' ? said.join('*') : said.join(', ');
  throw new AdvarenaError(
    'MODEL_INPUT',
    `The graph takes [${found.shape?.join(', ')}], its sidecar says [N, ${text}] (${layout}).`,
    { where, remedy: 'Correct layout, height, width and channels of the input in the sidecar.' },
  );
}

/** @throws AdvarenaError OUTPUT naming the tensor that is not there */
function refuseUnknown(graph: Graph, taps: readonly (readonly [string, string])[], where: string): void {
  const there = new Set([...graph.inputs.map((i) => i.name), ...graph.nodes.flatMap((n) => n.outputs)]);
  for (const [tap, tensor] of taps)
    if (!there.has(tensor))
      throw new AdvarenaError('OUTPUT', `The graph has no tensor "${tensor}" for the output "${tap}".`, {
        where,
        remedy: 'Name the output of a node of the graph under outputs in the sidecar.',
      });
}

/** One float32 number per row. @throws AdvarenaError OUTPUT where a row has several */
function rejectOf(
  b: GraphBuilder,
  inner: string,
  { tensor, rows, where }: { tensor: string | undefined; rows: number | undefined; where: string },
): string {
  const each = b.shape(inner)?.slice(rows === 0 ? 0 : 1) ?? [];
  if (each.some((dim) => typeof dim === 'number' && dim !== 1))
    throw new AdvarenaError(
      'OUTPUT',
      `outputs.reject is the tensor "${tensor}", which has [${each.join(', ')}] numbers for each image, not one.`,
      {
        where,
        remedy:
          'Name a tensor with one number per image under outputs.reject in the sidecar, above 0 where it declines.',
      },
    );
  const flat = b.op('Reshape', [inner, b.ints([-1])], {}, 'reject_flat');
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

/** The dataset's label of a model's class 0. */
export function labelOffsetOf(sidecar: Sidecar): number {
  return backgroundColumns(sidecar) + (sidecar.labels?.offset ?? 0);
}

/** Columns before the dataset's first class: of 1001 outputs for ImageNet, the one of label 0 is background. */
function backgroundColumns(sidecar: Sidecar): number {
  const imagenet = /^imagenet/i.test(sidecar.labels?.dataset ?? '') && sidecar.output.classes === 1001;
  return imagenet ? Math.max(0, 1 - (sidecar.labels?.offset ?? 0)) : 0;
}
