import type { Graph, Node } from '../onnx/index.ts';
import {
  activationOf,
  couplesRows,
  drawsNumbers,
  GraphBuilder,
  nodeLabel,
  reads,
  upgrade,
  wideDims,
} from '../onnx/index.ts';
import { numbers } from '../tensor/index.ts';
import { operatorOf } from './path.ts';
import { pixelRange } from './pixel-range.ts';
import { preparation, weighted } from './preparation.ts';
import { rules } from './rules/index.ts';
import { type Carried, stepsOf } from './steps.ts';

/** Something that changes how figures about the model may be read. */
export interface InspectionFlag {
  readonly code:
    | 'SOFTMAX_OUTPUT'
    | 'ZERO_GRADIENT'
    | 'ROUNDING'
    | 'STRAIGHT_THROUGH'
    | 'SATURATION'
    | 'PREPROCESSING'
    | 'RANDOM'
    | 'BATCH_COUPLED'
    | 'FIXED_BATCH'
    | 'SEVERAL_ROWS';
  readonly message: string;
}

/** A model as the flags look at it. */
export interface Inspected extends Carried {
  readonly graph: Graph;
  /** Functions and decided branches inlined; operators as the model has them. */
  readonly flat: Graph;
}

/** What looks suspicious, the gravest first. */
export function flagsOf(model: Inspected): InspectionFlag[] {
  return toldOf([
    ['SOFTMAX_OUTPUT', softmaxOutput(model)],
    ...plateaus(model),
    ['PREPROCESSING', preparationFlag(model)],
    ['RANDOM', random(model)],
    ['BATCH_COUPLED', coupled(model)],
    ['FIXED_BATCH', fixedBatch(model)],
    ['SEVERAL_ROWS', severalRows(model)],
  ]);
}

function softmaxOutput({ flat, of }: Inspected): string | undefined {
  const last = activationOf(new GraphBuilder(flat), of ?? '');
  if (last === undefined || last.op === 'LogSoftmax') return undefined;
  const { node, op, before, scaled } = last;
  const written =
    before === undefined && node.op !== op
      ? `, which makes it of a ${op.toLowerCase()}'s`
      : node.op === op
        ? ''
        : `, a ${op.toLowerCase()} written out`;
  const instead =
    before === undefined
      ? 'No tensor before it has its columns as logits.'
      : `Attack the tensor "${before}" before it: --logits, in rules \`logits: true\`.`;
  const more = scaled === true ? ', scaled or shifted' : '';
  return `The output comes out of ${nodeLabel(node)}${written}${more}: its gradient vanishes where the model is sure. ${instead}`;
}

/** Where the gradient is zero, is not the function's own, or may become zero: what holds however a graph is run. */
export function plateausOf(model: Carried): InspectionFlag[] {
  return toldOf(plateaus(model));
}

function toldOf(found: readonly [InspectionFlag['code'], string | undefined][]): InspectionFlag[] {
  return found.flatMap(([code, message]) => (message === undefined ? [] : [{ code, message }]));
}

function plateaus(model: Carried): [InspectionFlag['code'], string | undefined][] {
  const { b, of, wrt, path } = model;
  const cuts = stepsOf(model);
  const label = (nodes: readonly Node[]): string =>
    nodes.length === 1
      ? nodeLabel(nodes[0] as Node)
      : `${nodeLabel(nodes[0] as Node)} and ${nodes.length - 1} more`;
  const open = opened(b, model, new Set(cuts));
  const instead = cuts.map((n) => rules.get(operatorOf(n))?.instead).find((text) => text !== undefined);
  const zero =
    cuts.length > 0 && !open
      ? `Every way from "${wrt}" to "${of}" passes ${label(cuts)}, which is piecewise constant: the gradient is zero everywhere and shows nothing about robustness. ${instead ?? 'Attack by scores or decisions; code can give a smooth surrogate for it to loadModel, in overrides.'}`
      : undefined;
  const rounding =
    cuts.length > 0 && open
      ? `A part of what the output depends on passes ${label(cuts)}, which is piecewise constant: the gradient leaves that part out. ${instead ?? 'Attack by scores too; code can give a smooth surrogate for it to loadModel, in overrides.'}`
      : undefined;
  const through = b.nodes.filter(
    (n) => n.op.endsWith('QuantizeLinear') && passes(n, path) && !n.op.startsWith('De'),
  );
  const end = activationOf(b, of ?? '')?.node;
  const saturating = bottlenecks(b, model).filter((n) => saturates(b, n, wrt) && n !== end);
  return [
    ['ZERO_GRADIENT', zero],
    ['ROUNDING', rounding],
    [
      'STRAIGHT_THROUGH',
      through.length === 0
        ? undefined
        : `The gradient goes straight through the rounding of ${label(through)}: it is that of the network in real numbers where nothing saturates, not of the steps that the integers make.`,
    ],
    [
      'SATURATION',
      saturating.length === 0
        ? undefined
        : `All of the gradient passes ${label(saturating)}, which is flat or nearly so outside a range: where an image saturates it, the gradient vanishes.`,
    ],
  ];
}

/** Whether the gradient passes a node. */
export function passes(node: Node, path: ReadonlySet<string>): boolean {
  return reads(node).some((i) => path.has(i)) && node.outputs.some((o) => path.has(o));
}

/** Whether a way of the gradient is left without the given nodes. */
function opened(b: GraphBuilder, { of, wrt, path }: Carried, without: ReadonlySet<Node>): boolean {
  const reached = new Set([wrt]);
  for (const n of b.nodes)
    if (!without.has(n) && passes(n, path) && reads(n).some((i) => reached.has(i)))
      for (const o of n.outputs) if (path.has(o)) reached.add(o);
  return reached.has(of);
}

/** Nodes that every way of the gradient passes: there, and there alone, no tensor of the path goes by. */
function bottlenecks(b: GraphBuilder, { of, wrt, path }: Carried): Node[] {
  const nodes = b.nodes.filter((n) => passes(n, path));
  const last = new Map<string, number>();
  for (const [i, n] of nodes.entries()) for (const name of reads(n)) if (path.has(name)) last.set(name, i);
  const held = new Set(wrt === undefined ? [] : [wrt]);
  const out: Node[] = [];
  for (const [i, n] of nodes.entries()) {
    for (const name of held) if (last.get(name) === i) held.delete(name);
    if (held.size === 0) out.push(n);
    for (const o of n.outputs) if (path.has(o) && (last.has(o) || o === of)) held.add(o);
  }
  return out;
}

const squashing: ReadonlySet<string> = new Set(['Erf', 'HardSigmoid', 'Sigmoid', 'Softsign', 'Tanh']);

/** Clip from 0 behind weights is an activation like Relu; elsewhere it cuts what the model is asked about, if anything. */
function saturates(b: GraphBuilder, node: Node, wrt: string | undefined): boolean {
  if (squashing.has(operatorOf(node))) return true;
  if (operatorOf(node) !== 'Clip') return false;
  const low = b.constantValue(node.inputs[1] ?? '');
  const before = pixelRange(b, node.inputs[0] ?? '', wrt);
  const after = pixelRange(b, node.outputs[0] ?? '', wrt);
  if (before !== undefined && before.every((end, i) => end === after?.[i])) return false;
  const maker = b.maker(node.inputs[0] as string);
  const behindWeights = maker !== undefined && (maker.op === 'Add' || weighted.has(maker.op));
  return !(behindWeights && low !== undefined && numbers(low)[0] === 0);
}

function preparationFlag({ flat, wrt, graph }: Inspected): string | undefined {
  const found = preparation(flat, graph.inputs, wrt);
  if (found.length === 0) return undefined;
  const names = [...new Set(found.map(operatorOf))].join(', ');
  return `The model prepares its input itself (${names}, up to ${nodeLabel(found.at(-1) as Node)}): a sidecar has what is left to do before it, such as std 1/255 where it takes levels of 0 to 255, and not the same again. Epsilon is measured before both.`;
}

function random({ b }: Inspected): string | undefined {
  const draws = (n: Node): boolean | undefined => drawsNumbers(n, (name) => b.constantValue(name));
  const node = b.nodes.find((n) => draws(n) !== false);
  if (node === undefined) return undefined;
  if (draws(node) === undefined)
    return `${nodeLabel(node)} may draw random numbers in the graph: its mode or its ratio is no constant.`;
  return `${nodeLabel(node)} draws random numbers in the graph: two runs of one image differ.`;
}

function coupled({ flat, graph }: Inspected): string | undefined {
  const node = couplesRows(upgrade(flat), graph.inputs[0]?.name ?? '');
  if (node === undefined) return undefined;
  if (node.op === 'Shape' || node.op === 'Size')
    return `${nodeLabel(node)} takes the number of images in the batch for a value: an image's result depends on it.`;
  return `${nodeLabel(node)} computes over the whole batch: an image's result depends on its neighbours.`;
}

function fixedBatch({ graph }: Inspected): string | undefined {
  const first = graph.inputs[0];
  if (first?.shape === undefined || typeof first.shape[0] !== 'number') return undefined;
  return `The input "${first.name}" is fixed to ${first.shape[0]} rows: other batches run in parts of that size.`;
}

/** Fixed sizes are refused where the graph is opened; free ones may still turn out to be 1. */
function severalRows({ b, graph, of }: Inspected): string | undefined {
  const output = graph.outputs.find((o) => o.name === of);
  const found = b.shape(of ?? '') ?? output?.shape;
  const wide = wideDims(found?.slice(1) ?? []);
  if (output === undefined || wide.length < 2 || !wide.some((d) => typeof d === 'string')) return undefined;
  // In the file's own words for its sizes.
  const said = output.shape?.length === found?.length ? output.shape : found;
  const others = graph.outputs.filter((o) => o !== output).map((o) => o.name);
  const remedy =
    others.length === 0
      ? 'export a classifier with one, [N, classes].'
      : `if one of ${others.join(', ')} has one, [N, classes], name it under output.name in a sidecar.`;
  return `The output "${of}" is [${said?.join(', ')}]: it may have several rows of scores for each input, and attacks take one; ${remedy}`;
}
