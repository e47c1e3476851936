import { floatAttribute } from '../../onnx/index.ts';
import { mul, reduceSum } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';
import { range, standardise, standardiseBackward } from '../standardise.ts';

/** y = scale · v + bias, v standardised within each channel of each sample. */
export const instanceNormalization = defineRule({
  op: 'InstanceNormalization',
  inputs: ['input', 'scale', 'B'],
  backward: ({ b, node, x, dy, needs }) => {
    const [input, scale, g] = [x[0] as string, x[1] as string, dy[0] as string];
    const spatial = range(2, shapeKnown(b, input).length);
    const s = standardise(b, input, spatial, floatAttribute(node, 'epsilon', 1e-5));
    const perChannel = b.op('Reshape', [scale, b.ints([-1, ...spatial.map(() => 1)])]);
    const sum = (t: string): string => reduceSum(b, t, [0, ...spatial], false);
    return [
      needs(0) ? standardiseBackward(b, mul(b, g, perChannel), s) : undefined,
      needs(1) ? sum(mul(b, g, s.value)) : undefined,
      needs(2) ? sum(g) : undefined,
    ];
  },
});
