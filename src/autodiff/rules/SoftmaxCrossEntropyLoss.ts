import { add, mul, reduceSum, sub } from '../emit.ts';
import { labelled, weightsGradient } from '../loss.ts';
import { defineRule } from '../rule.ts';

/**
 * d = p for the other classes and −Σ of theirs at the label: p − 1 would round to 0 where the network is sure.
 * The second output, log p, has d = dy − p Σ dy.
 */
export const softmaxCrossEntropyLoss = defineRule({
  op: 'SoftmaxCrossEntropyLoss',
  since: 12,
  inputs: ['scores', '', 'weights'],
  outputs: [0, 1],
  backward: (context) => {
    const { b, x, dy, needs } = context;
    const labels = dy[0] === undefined ? undefined : labelled(context);
    let weights: string | undefined;
    if (needs(2) && labels !== undefined)
      weights = weightsGradient(context, labels, b.op('LogSoftmax', [x[0]], { axis: 1 }));
    if (!needs(0)) return [undefined, undefined, weights];
    const p = b.op('Softmax', [x[0]], { axis: 1 });
    const parts: string[] = [];
    if (labels !== undefined) {
      const { onehot, share } = labels;
      const others = mul(b, p, sub(b, b.scalar(1, b.dtype(p)), onehot));
      parts.push(mul(b, share, sub(b, others, mul(b, onehot, reduceSum(b, others, [1])))));
    }
    if (dy[1] !== undefined) parts.push(sub(b, dy[1], mul(b, p, reduceSum(b, dy[1], [1]))));
    return [parts.reduce((a, part) => add(b, a, part)), undefined, weights];
  },
});
