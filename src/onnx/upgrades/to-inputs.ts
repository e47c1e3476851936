import type { AnyTensor, DType } from '../../tensor/index.ts';
import { scalar } from '../../tensor/index.ts';
import { floatAttribute, intAttribute, intsAttribute } from '../graph.ts';
import type { StepContext, UpgradeStep } from './step.ts';
import { constant, inputList, intsConstant, without } from './step.ts';

/** An attribute of integers that became the second input; left out where the node does not have it. */
function intsToInput(ops: readonly string[], attribute: string, since: number): UpgradeStep {
  return {
    ops,
    since,
    convert: (context) => {
      const { node } = context;
      const values = intsAttribute(node, attribute);
      if (values === undefined) return node;
      return {
        ...node,
        inputs: [node.inputs[0] as string, intsConstant(context, attribute, values)],
        attributes: without(node.attributes, attribute),
      };
    },
  };
}

/** A float attribute as a scalar of the type of the first input; undefined where the node does not have it. */
function floatInput(context: StepContext, attribute: string): string | undefined {
  const { b, node } = context;
  if (node.attributes[attribute] === undefined) return undefined;
  const dtype = b.dtype(node.inputs[0] as string) as Exclude<DType, 'string'>;
  const value: AnyTensor = scalar(floatAttribute(node, attribute, 0), dtype);
  return constant(context, attribute, value);
}

const reductions = ['Max', 'Min', 'Mean', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'];

/** Changes that only turn attributes into inputs. */
export const toInputs: readonly UpgradeStep[] = [
  intsToInput(['Squeeze', 'Unsqueeze', 'ReduceSum'], 'axes', 13),
  intsToInput(['Split'], 'split', 13),
  intsToInput(
    reductions.map((r) => `Reduce${r}`),
    'axes',
    18,
  ),
  {
    ops: ['Slice'],
    since: 10,
    convert: (context) => {
      const { node } = context;
      const starts = intsAttribute(node, 'starts') ?? [];
      const ends = intsAttribute(node, 'ends') ?? [];
      const axes = intsAttribute(node, 'axes') ?? starts.map((_, i) => i);
      return {
        ...node,
        inputs: [
          node.inputs[0] as string,
          intsConstant(context, 'starts', starts),
          intsConstant(context, 'ends', ends),
          intsConstant(context, 'axes', axes),
        ],
        attributes: {},
      };
    },
  },
  {
    ops: ['TopK'],
    since: 10,
    convert: (context) => ({
      ...context.node,
      inputs: [
        context.node.inputs[0] as string,
        intsConstant(context, 'k', [intAttribute(context.node, 'k', 1)]),
      ],
      attributes: without(context.node.attributes, 'k'),
    }),
  },
  {
    ops: ['Clip'],
    since: 11,
    convert: (context) => ({
      ...context.node,
      inputs: inputList(context.node.inputs[0], floatInput(context, 'min'), floatInput(context, 'max')),
      attributes: {},
    }),
  },
  {
    ops: ['Pad'],
    since: 11,
    convert: (context) => ({
      ...context.node,
      inputs: inputList(
        context.node.inputs[0],
        intsConstant(context, 'pads', intsAttribute(context.node, 'pads') ?? []),
        floatInput(context, 'value'),
      ),
      attributes: without(context.node.attributes, 'pads', 'value'),
    }),
  },
  {
    ops: ['Split'],
    since: 18,
    convert: ({ node }) => ({
      ...node,
      attributes:
        (node.inputs[1] ?? '') === ''
          ? { ...node.attributes, num_outputs: { type: 'int', value: node.outputs.length } }
          : node.attributes,
    }),
  },
  {
    ops: ['DFT'],
    since: 20,
    convert: (context) => ({
      ...context.node,
      inputs: [
        context.node.inputs[0] as string,
        context.node.inputs[1] ?? '',
        constant(context, 'axis', scalar(intAttribute(context.node, 'axis', 1), 'int64')),
      ],
      attributes: without(context.node.attributes, 'axis'),
    }),
  },
];
