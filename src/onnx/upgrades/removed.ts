import { tensor } from '../../tensor/index.ts';
import type { Attribute, Node } from '../graph.ts';
import { floatAttribute, floatsAttribute, intAttribute, intsAttribute } from '../graph.ts';
import type { StepContext, UpgradeStep } from './step.ts';
import { constant, emit, intsConstant } from './step.ts';

/** As far as Slice reaches: to the end of the axis, whatever its size. */
const farthest = 2 ** 31 - 1;

/** The node as another standard operator, without attributes unless given. */
function as(
  node: Node,
  op: string,
  inputs: readonly string[],
  attributes: Record<string, Attribute> = {},
): Node {
  return { ...node, op, inputs, attributes };
}

/** A number of the attribute `name`, of the type of the input. */
function number(context: StepContext, name: string, fallback?: number): string {
  const { b, node } = context;
  const value = floatAttribute(node, name, fallback ?? Number.NaN);
  if (Number.isNaN(value)) throw new Error(`the attribute ${name} is missing`);
  return b.scalar(value, b.dtype(node.inputs[0] as string));
}

/** α · `op`(β · x) */
const scaled =
  (op: string) =>
  (context: StepContext): Node => {
    const inner = emit(context, 'Mul', [context.node.inputs[0] as string, number(context, 'beta')]);
    return as(context.node, 'Mul', [emit(context, op, [inner]), number(context, 'alpha')]);
  };

/**
 * Operators that the standard tried out and took back with opset 10, of which the runtime has kept the kernels: files
 * of older opsets have them still.
 */
export const removed: readonly UpgradeStep[] = [
  {
    ops: ['Affine'],
    since: 10,
    replacedBy: 'Mul and Add',
    convert: (context) => {
      const product = emit(context, 'Mul', [context.node.inputs[0] as string, number(context, 'alpha', 1)]);
      return as(context.node, 'Add', [product, number(context, 'beta', 0)]);
    },
  },
  {
    ops: ['Crop'],
    since: 10,
    replacedBy: 'Slice',
    convert: (context) => {
      const { node } = context;
      const [left, top, right, bottom] = intsAttribute(node, 'border') ?? [];
      if (left === undefined || top === undefined || right === undefined || bottom === undefined)
        throw new Error('the attribute border has no four numbers');
      const [height, width] = intsAttribute(node, 'scale') ?? [];
      const end = (border: number): number => (border === 0 ? farthest : -border);
      const ends = [
        height === undefined ? end(bottom) : top + height,
        width === undefined ? end(right) : left + width,
      ];
      return as(node, 'Slice', [
        node.inputs[0] as string,
        intsConstant(context, 'starts', [top, left]),
        intsConstant(context, 'ends', ends),
        intsConstant(context, 'axes', [2, 3]),
      ]);
    },
  },
  {
    ops: ['DynamicSlice'],
    since: 10,
    replacedBy: 'Slice',
    convert: ({ node }) => as(node, 'Slice', node.inputs),
  },
  {
    ops: ['ImageScaler'],
    since: 10,
    replacedBy: 'Mul and Add',
    convert: (context) => {
      const { b, node } = context;
      const x = node.inputs[0] as string;
      const bias = floatsAttribute(node, 'bias') ?? [];
      const values = tensor(Float32Array.from(bias), [bias.length, 1, 1]);
      const product = emit(context, 'Mul', [x, number(context, 'scale', 1)]);
      const added = constant(context, 'bias', values);
      const cast = b.dtype(x) === 'float32' ? added : emit(context, 'CastLike', [added, x]);
      return as(node, 'Add', [product, cast]);
    },
  },
  {
    // Whether the statistics span the channels was a flag.
    ops: ['MeanVarianceNormalization'],
    since: 9,
    convert: (context) => {
      const { b, node } = context;
      const x = node.inputs[0] as string;
      const rank = b.shape(x)?.length;
      if (rank === undefined) throw new Error('the rank of its input is not known');
      const across = intAttribute(node, 'across_channels', 0) === 1;
      const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => across || axis !== 1);
      if (intAttribute(node, 'normalize_variance', 1) === 1)
        return { ...node, attributes: { axes: { type: 'ints', value: axes } } };
      const over = intsConstant(context, 'axes', axes);
      return as(node, 'Sub', [x, emit(context, 'ReduceMean', [x, over], { keepdims: 1 })]);
    },
  },
  { ops: ['ParametricSoftplus'], since: 10, replacedBy: 'Softplus', convert: scaled('Softplus') },
  {
    ops: ['Scale'],
    since: 10,
    replacedBy: 'Mul',
    convert: (context) =>
      as(context.node, 'Mul', [context.node.inputs[0] as string, number(context, 'scale', 1)]),
  },
  { ops: ['ScaledTanh'], since: 10, replacedBy: 'Tanh', convert: scaled('Tanh') },
];
