import { mul, neg } from '../emit.ts';
import { labelled, weightsGradient } from '../loss.ts';
import { defineRule } from '../rule.ts';

/** The loss takes −value at the label. */
export const negativeLogLikelihoodLoss = defineRule({
  op: 'NegativeLogLikelihoodLoss',
  since: 12,
  inputs: ['input', '', 'weight'],
  backward: (context) => {
    const { b, x, needs } = context;
    const labels = labelled(context);
    return [
      needs(0) ? neg(b, mul(b, labels.onehot, labels.share)) : undefined,
      undefined,
      needs(2) ? weightsGradient(context, labels, x[0] as string) : undefined,
    ];
  },
});
