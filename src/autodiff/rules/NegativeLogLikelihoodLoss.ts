import { mul, neg } from '../emit.ts';
import { labelled } from '../loss.ts';
import { defineRule } from '../rule.ts';

/** The loss takes −value at the label. */
export const negativeLogLikelihoodLoss = defineRule({
  op: 'NegativeLogLikelihoodLoss',
  since: 12,
  backward: (context) => {
    const { onehot, share } = labelled(context);
    return [neg(context.b, mul(context.b, onehot, share))];
  },
});
