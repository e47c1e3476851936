import {
  carliniWagner,
  crossEntropy,
  dlr,
  dlrTargeted,
  logit,
  margin,
  probabilityMargin,
} from '../models/index.ts';

/** Objectives by the names that options give them. */
export const losses = {
  'cross-entropy': crossEntropy(),
  margin: margin(),
  'carlini-wagner': carliniWagner(),
  dlr: dlr(),
  'dlr-targeted': dlrTargeted(),
  'probability-margin': probabilityMargin(),
  logit: logit(),
} as const;
