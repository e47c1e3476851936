import { add, mul, reduceSum, sub } from '../emit.ts';
import { labelled } from '../loss.ts';
import { defineRule } from '../rule.ts';

/**
 * d = p for the other classes and −Σ of theirs at the label: p − 1 would round to 0 where the network is sure.
 * The second output, log p, has d = dy − p Σ dy.
 */
export const softmaxCrossEntropyLoss = defineRule({
  op: 'SoftmaxCrossEntropyLoss',
  since: 12,
  backward: (context) => {
    const { b, x, dy } = context;
    const p = b.op('Softmax', [x[0]], { axis: 1 });
    const parts: string[] = [];
    if (dy[0] !== undefined) {
      const { onehot, share } = labelled(context);
      const others = mul(b, p, sub(b, b.scalar(1, b.dtype(p)), onehot));
      parts.push(mul(b, share, sub(b, others, mul(b, onehot, reduceSum(b, others, [1])))));
    }
    if (dy[1] !== undefined) parts.push(sub(b, dy[1], mul(b, p, reduceSum(b, dy[1], [1]))));
    return [parts.reduce((a, part) => add(b, a, part))];
  },
});
