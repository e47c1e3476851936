import type { Tensor } from '../../tensor/index.ts';
import { tensor } from '../../tensor/index.ts';
import { floatsAttribute, stringAttribute } from '../graph.ts';
import type { UpgradeStep } from './step.ts';
import { constant, inputList } from './step.ts';

const string = (value: string) => ({ type: 'string', value }) as const;

/** Upsample became Resize, which before opset 11 knew one rule of coordinates: the output's over the scale. */
export const resizing: readonly UpgradeStep[] = [
  {
    ops: ['Upsample'],
    since: 9,
    convert: (context) => {
      const { node } = context;
      const scales = floatsAttribute(node, 'scales') ?? [];
      const value: Tensor = tensor(Float32Array.from(scales), [scales.length]);
      const { mode } = node.attributes;
      return {
        ...node,
        inputs: [node.inputs[0] as string, constant(context, 'scales', value)],
        attributes: mode === undefined ? {} : { mode },
      };
    },
  },
  {
    ops: ['Upsample'],
    since: 10,
    replacedBy: 'Resize',
    convert: ({ node }) => ({ ...node, op: 'Resize' }),
  },
  {
    ops: ['Resize'],
    since: 11,
    convert: (context) => {
      const { node } = context;
      const nearest = stringAttribute(node, 'mode', 'nearest') === 'nearest';
      const none: Tensor = tensor(new Float32Array(0), [0]);
      const roi = constant(context, 'roi', none);
      return {
        ...node,
        inputs: [node.inputs[0] as string, roi, node.inputs[1] as string],
        attributes: {
          mode: string(nearest ? 'nearest' : 'linear'),
          coordinate_transformation_mode: string('asymmetric'),
          ...(nearest ? { nearest_mode: string('floor') } : {}),
        },
      };
    },
  },
  {
    // An empty tensor stood for an input left out.
    ops: ['Resize'],
    since: 13,
    convert: ({ b, node }) => ({
      ...node,
      inputs: inputList(...node.inputs.map((i) => (b.constantValue(i)?.data.length === 0 ? '' : i))),
    }),
  },
];
