import { divideDims } from '../dims.ts';
import { intAttribute } from '../graph.ts';
import type { UpgradeStep } from './step.ts';
import { emit, intsConstant, without } from './step.ts';

export const normalising: readonly UpgradeStep[] = [
  {
    ops: ['BatchNormalization'],
    since: 9,
    convert: ({ node }) => {
      if (intAttribute(node, 'spatial', 1) === 0)
        throw new Error('statistics per position (spatial = 0) have no newer form');
      return { ...node, attributes: without(node.attributes, 'spatial', 'consumed_inputs', 'is_test') };
    },
  },
  {
    ops: ['BatchNormalization'],
    since: 14,
    convert: ({ node }) => {
      // Further outputs told that it was in training mode. Of its four statistics the running ones are left.
      if (node.outputs.slice(1).every((o) => o === '')) return { ...node, outputs: node.outputs.slice(0, 1) };
      return {
        ...node,
        outputs: node.outputs.slice(0, 3),
        attributes: { ...node.attributes, training_mode: { type: 'int', value: 1 } },
      };
    },
  },
  {
    // The axes from `axis` on were one: the input was taken as a matrix.
    ops: ['Softmax', 'LogSoftmax', 'Hardmax'],
    since: 13,
    convert: (context) => {
      const { b, node } = context;
      const x = node.inputs[0] as string;
      const shape = b.shape(x);
      const given = intAttribute(node, 'axis', 1);
      const axis = given < 0 && shape !== undefined ? given + shape.length : given;
      const wide = shape?.flatMap((d, i) => (i >= axis && d !== 1 ? [i] : []));
      const last = shape === undefined ? -1 : shape.length - 1;
      if (given === -1 || (wide !== undefined && wide.length <= 1)) {
        const single = given === -1 ? -1 : (wide?.[0] ?? last);
        return { ...node, attributes: { axis: { type: 'int', value: single } } };
      }
      const flat = emit(context, 'Flatten', [x], { axis });
      const inner = emit(context, node.op, [flat], { axis: -1 });
      const unknown = shape?.filter((d) => typeof d === 'string').length;
      const back =
        shape !== undefined && unknown !== undefined && unknown <= 1 && !shape.includes(0)
          ? intsConstant(
              context,
              'shape',
              shape.map((d) => (typeof d === 'number' ? d : -1)),
            )
          : emit(context, 'Shape', [x]);
      const type = b.type(x);
      if (type !== undefined) b.declare(node.outputs[0] as string, type);
      return { ...node, op: 'Reshape', inputs: [inner, back], attributes: {} };
    },
  },
  {
    // Scale and bias were given per group.
    ops: ['GroupNormalization'],
    since: 21,
    convert: (context) => {
      const { b, node } = context;
      const groups = intAttribute(node, 'num_groups', 1);
      const channels = b.shape(node.inputs[0] as string)?.[1];
      const each = channels === undefined ? undefined : divideDims(channels, groups);
      if (typeof each !== 'number') throw new Error('the number of channels is not known');
      const perChannel = (input: string, what: string): string => {
        const column = emit(context, 'Unsqueeze', [input, intsConstant(context, `${what}_axes`, [1])]);
        const wide = emit(context, 'Expand', [column, intsConstant(context, `${what}_size`, [groups, each])]);
        return emit(context, 'Reshape', [wide, intsConstant(context, `${what}_shape`, [groups * each])]);
      };
      return {
        ...node,
        inputs: [
          node.inputs[0] as string,
          perChannel(node.inputs[1] as string, 'scale'),
          perChannel(node.inputs[2] as string, 'bias'),
        ],
      };
    },
  },
];
