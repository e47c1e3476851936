import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { add, mul, neg } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { shareOf } from '../reduction.ts';
import { defineRule } from '../rule.ts';
import { range, standardise, standardiseBackward } from '../standardise.ts';

/**
 * y = scale · v + bias with v standardised over the axes from `axis` on. The mean has d = 1/n, the inverse standard
 * deviation r has d = −r² v / n.
 */
export const layerNormalization = defineRule({
  op: 'LayerNormalization',
  since: 17,
  inputs: ['X', 'Scale', 'B'],
  outputs: [0, 1, 2],
  backward: ({ b, node, x, y, dy, needs }) => {
    const [input, scale] = [x[0] as string, x[1] as string];
    const [g, gMean, gInverse] = dy;
    const axis = intAttribute(node, 'axis', -1);
    const axes = axis < 0 ? range(axis, 0) : range(axis, shapeKnown(b, input).length);
    const s = standardise(b, input, axes, floatAttribute(node, 'epsilon', 1e-5));
    const parts: string[] = [];
    if (needs(0)) {
      if (g !== undefined) parts.push(standardiseBackward(b, mul(b, g, scale), s));
      if (gMean !== undefined) parts.push(shareOf(b, gMean, input, y[1] as string, axes));
      if (gInverse !== undefined) {
        const share = shareOf(b, gInverse, input, y[2] as string, axes);
        parts.push(neg(b, mul(b, s.value, mul(b, share, mul(b, s.inverse, s.inverse)))));
      }
    }
    return [
      parts.length === 0 ? undefined : parts.reduce((a, p) => add(b, a, p)),
      needs(1) && g !== undefined ? mul(b, g, s.value) : undefined,
      g,
    ];
  },
});
