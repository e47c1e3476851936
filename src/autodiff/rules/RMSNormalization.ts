import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { mul } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';
import { range, standardise, standardiseBackward } from '../standardise.ts';

/** y = scale · x / √(mean square + ε) over the axes from `axis` on. */
export const rmsNormalization = defineRule({
  op: 'RMSNormalization',
  since: 23,
  inputs: ['X', 'scale'],
  backward: ({ b, node, x, dy, needs }) => {
    const [input, scale, g] = [x[0] as string, x[1] as string, dy[0] as string];
    const axis = intAttribute(node, 'axis', -1);
    const axes = axis < 0 ? range(axis, 0) : range(axis, shapeKnown(b, input).length);
    const s = standardise(b, input, axes, floatAttribute(node, 'epsilon', 1e-5), false);
    return [
      needs(0) ? standardiseBackward(b, mul(b, g, scale), s) : undefined,
      needs(1) ? mul(b, g, s.value) : undefined,
    ];
  },
});
