import {
  carliniWagner,
  crossEntropy,
  dlr,
  dlrTargeted,
  logit,
  margin,
  type Objective,
  probabilityMargin,
} from '../models/index.ts';
import type { Goal } from './define.ts';

const losses = {
  'cross-entropy': crossEntropy(),
  margin: margin(),
  'carlini-wagner': carliniWagner(),
  dlr: dlr(),
  'dlr-targeted': dlrTargeted(),
  'probability-margin': probabilityMargin(),
  logit: logit(),
} as const;

/** Those that have another form where a class is to be reached. */
const towards: Partial<Record<LossName, Objective>> = {
  'carlini-wagner': carliniWagner({ towards: true }),
  dlr: dlr({ towards: true }),
};

export type LossName = keyof typeof losses;

/** The objective by the name that options give it, of the goal's classes. */
export function lossOf(name: LossName, { kind }: Pick<Goal, 'kind'>): Objective {
  return (kind === 'targeted' ? towards[name] : undefined) ?? losses[name];
}
