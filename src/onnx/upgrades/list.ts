import { stringAttribute } from '../graph.ts';
import { normalising } from './normalising.ts';
import { removed } from './removed.ts';
import { resizing } from './resizing.ts';
import { scanning } from './scanning.ts';
import type { UpgradeStep } from './step.ts';
import { without } from './step.ts';
import { toInputs } from './to-inputs.ts';

const renamed: readonly UpgradeStep[] = [
  {
    ops: ['Scatter'],
    since: 11,
    replacedBy: 'ScatterElements',
    convert: ({ node }) => ({ ...node, op: 'ScatterElements' }),
  },
  {
    // Inference only: a ratio that nothing reads.
    ops: ['Dropout'],
    since: 12,
    convert: ({ node }) => ({ ...node, attributes: without(node.attributes, 'ratio') }),
  },
  {
    ops: ['RoiAlign'],
    since: 16,
    convert: ({ node }) => ({
      ...node,
      attributes: {
        ...node.attributes,
        coordinate_transformation_mode: { type: 'string', value: 'output_half_pixel' },
      },
    }),
  },
  {
    ops: ['GridSample'],
    since: 20,
    convert: ({ node }) => {
      const mode = stringAttribute(node, 'mode', 'bilinear');
      const value = { bilinear: 'linear', bicubic: 'cubic' }[mode] ?? mode;
      return { ...node, attributes: { ...node.attributes, mode: { type: 'string', value } } };
    },
  },
];

/** Every change of form that matters to this project, oldest first. */
export const upgradeSteps: readonly UpgradeStep[] = [
  ...toInputs,
  ...removed,
  ...resizing,
  ...scanning,
  ...normalising,
  ...renamed,
].toSorted((a, b) => a.since - b.since);
