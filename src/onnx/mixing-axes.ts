import type { GraphBuilder } from './builder.ts';
import { concrete } from './dims.ts';
import { parseEinsum } from './einsum.ts';
import { fusedMatMulOrder } from './fused-order.ts';
import type { Node } from './graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from './graph.ts';

/**
 * The axes along which an operator lets elements act upon each other or moves them, per input; negative ones count
 * from the last. `all`: along every axis of every input.
 */
export type Mixing = readonly (readonly number[])[] | 'all';

/** @param b knows the shapes of the node's inputs and outputs, and the integers that they hold */
type MixingOf = (b: GraphBuilder, node: Node) => Mixing;

const rankOf = (b: GraphBuilder, node: Node, i = 0): number => b.shape(node.inputs[i] ?? '')?.length ?? 0;

function axesFrom(first: number, rank: number): number[] {
  return Array.from({ length: Math.max(0, rank - first) }, (_, i) => first + i);
}

function intsOf(b: GraphBuilder, node: Node, i: number): readonly number[] | undefined {
  return concrete(b.contents(node.inputs[i] ?? ''));
}

/** That of the attribute `axis`. */
const axis =
  (fallback: number): MixingOf =>
  (_, node) => [[intAttribute(node, 'axis', fallback)]];

/** That of the attribute `axis`, all without it. */
const axisOrAll: MixingOf = (b, node) =>
  node.attributes['axis'] === undefined ? [axesFrom(0, rankOf(b, node))] : axis(0)(b, node);

/** That of the attribute `axis` and those behind it. */
const axesFromAttribute: MixingOf = (b, node) => {
  const rank = rankOf(b, node);
  const first = intAttribute(node, 'axis', -1);
  return [axesFrom(first < 0 ? first + rank : first, rank)];
};

/** Those from `first` on. */
const from =
  (first: number): MixingOf =>
  (b, node) => [axesFrom(first, rankOf(b, node))];

/** That which the second input holds. */
const axisInput: MixingOf = (b, node) => [intsOf(b, node, 1) ?? []];

/** An attribute up to opset 19, an input after. */
const transformed: MixingOf = (b, node) => (b.opset() < 20 ? axis(1)(b, node) : [intsOf(b, node, 2) ?? [-2]]);

const reduced: MixingOf = (b, node) => {
  if ((node.inputs[1] ?? '') === '' || b.shape(node.inputs[1] as string)?.[0] === 0)
    return intAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : [axesFrom(0, rankOf(b, node))];
  return [intsOf(b, node, 1) ?? []];
};

/** Joined or cut: the axis of the attribute, where there is more than one part. */
const parts =
  (count: (node: Node) => number): MixingOf =>
  (_, node) =>
    count(node) < 2 ? [] : node.inputs.map(() => [intAttribute(node, 'axis', 0)]);

/** Those whose size changes: elements are cut off, added or interpolated. */
const resized: MixingOf = (b, node) => {
  const before = b.shape(node.inputs[0] ?? '');
  const after = b.shape(node.outputs[0] ?? '');
  return [axesFrom(0, rankOf(b, node)).filter((a) => after !== undefined && before?.[a] !== after[a])];
};

/** Cut off, or taken in another order. */
const sliced: MixingOf = (b, node) => {
  const [cut = []] = resized(b, node) as readonly number[][];
  const steps = intsOf(b, node, 4) ?? [];
  const axes = intsOf(b, node, 3) ?? axesFrom(0, steps.length);
  return [[...cut, ...axes.filter((_, i) => (steps[i] ?? 1) !== 1)]];
};

/** The contracted axes of two operands. @param second where the second operand stands among the inputs */
const product =
  (second: number): MixingOf =>
  (b, node) => {
    const [p, q] = [rankOf(b, node), rankOf(b, node, second)];
    const left = p > 1 && intAttribute(node, 'transA', 0) !== 0 ? -2 : -1;
    const right = q > 1 && intAttribute(node, 'transB', 0) === 0 ? -2 : -1;
    return node.inputs.map((_, i) => (i === 0 ? [left] : i === second ? [right] : []));
  };

/** The same where the operands have their axes in another order. */
const fusedProduct: MixingOf = (b, node) => {
  const order = (i: number, side: 'A' | 'B'): number[] => fusedMatMulOrder(node, side, rankOf(b, node, i));
  const [left, right] = [order(0, 'A'), order(1, 'B')];
  return [left.slice(-1), right.length > 1 ? right.slice(-2, -1) : right];
};

const einsum: MixingOf = (b, node) => {
  const ranks = node.inputs.map((_, i) => rankOf(b, node, i));
  if (node.inputs.some((name) => b.shape(name) === undefined)) return [];
  const { inputs, output } = parseEinsum(stringAttribute(node, 'equation', ''), ranks);
  return inputs.map((labels) => labels.flatMap((label, a) => (output.includes(label) ? [] : [a])));
};

/** Along the axes that are scanned, where a state is handed on. */
const scanned: MixingOf = (_, node) => {
  const states = node.inputs.length - intAttribute(node, 'num_scan_inputs', 0);
  const axes = intsAttribute(node, 'scan_input_axes');
  return states === 0 ? [] : node.inputs.map((_, i) => (i < states ? [] : [axes?.[i - states] ?? 0]));
};

/** Queries, keys, values: the last axis is contracted, keys and values over their positions too. */
const attention: MixingOf = () => [[-1], [-2, -1], [-2, -1]];

const table: Readonly<Record<string, MixingOf>> = {
  'ArgMax ArgMin Gather GatherElements ReverseSequence ScatterElements SplitToSequence': axis(0),
  'Hardmax LogSoftmax LpNormalization Softmax TopK com.microsoft.QLinearSoftmax': axis(-1),
  'com.microsoft.SkipLayerNormalization com.microsoft.SkipSimplifiedLayerNormalization': axis(-1),
  'ai.onnx.ml.LinearClassifier ai.onnx.ml.LinearRegressor ai.onnx.ml.Normalizer': () => [[-1]],
  'ai.onnx.ml.TreeEnsemble ai.onnx.ml.TreeEnsembleClassifier ai.onnx.ml.TreeEnsembleRegressor': () => [[-1]],
  'Compress Unique': axisOrAll,
  'LayerNormalization RMSNormalization SimplifiedLayerNormalization': axesFromAttribute,
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare':
    reduced,
  'CumProd CumSum': axisInput,
  DFT: transformed,
  MeanVarianceNormalization: (_, node) => [intsAttribute(node, 'axes') ?? [0, 2, 3]],
  BatchNormalization: (_, node) => (intAttribute(node, 'training_mode', 0) === 1 ? 'all' : []),
  'DynamicQuantizeLinear com.microsoft.DynamicQuantizeMatMul': () => 'all',
  LRN: () => [[1]],
  'Col2Im Conv ConvInteger ConvTranspose DeformConv GroupNormalization QLinearConv com.microsoft.FusedConv com.microsoft.NhwcMaxPool com.microsoft.QLinearConv':
    from(1),
  'AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool GridSample InstanceNormalization LpPool MaxPool com.microsoft.GridSample com.microsoft.QLinearAveragePool com.microsoft.QLinearGlobalAveragePool':
    from(2),
  'NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss': (b, node) =>
    stringAttribute(node, 'reduction', 'mean') === 'none' ? [[1]] : [axesFrom(0, rankOf(b, node))],
  'GRU LSTM RNN': (_, node) => (intAttribute(node, 'layout', 0) === 0 ? [[0, 2]] : [[1, 2]]),
  'Concat com.microsoft.QLinearConcat': parts((node) => node.inputs.length),
  Split: parts((node) => node.outputs.length),
  Slice: sliced,
  'CenterCropPad Pad Resize': resized,
  'Gemm MatMul MatMulInteger com.microsoft.FusedGemm com.microsoft.MatMulIntegerToFloat': product(1),
  'com.microsoft.FusedMatMul': fusedProduct,
  'com.microsoft.MatMulNBits': () => [[-1]],
  'QLinearMatMul com.microsoft.QGemm': product(3),
  Einsum: einsum,
  'Attention com.microsoft.MultiHeadAttention': attention,
  'com.microsoft.Attention': () => [[-2, -1]],
  Det: () => [[-2, -1]],
  Scan: scanned,
};

/** By operator; one that is missing mixes nothing that this project can see. */
export const mixingAxes: ReadonlyMap<string, MixingOf> = new Map(
  Object.entries(table).flatMap(([names, mixing]) => names.split(' ').map((name) => [name, mixing] as const)),
);
