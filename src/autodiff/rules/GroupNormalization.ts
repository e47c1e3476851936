import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { mul, reduceSum, reshapeLike } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';
import { range, standardise, standardiseBackward } from '../standardise.ts';

/** y = scale · v + bias, v standardised within each group of channels; scale and bias are per group below opset 21. */
export const groupNormalization = defineRule({
  op: 'GroupNormalization',
  since: 18,
  inputs: ['X', 'scale', 'bias'],
  backward: ({ b, node, opset, x, dy, needs }) => {
    const [input, scale, g] = [x[0] as string, x[1] as string, dy[0] as string];
    const groups = intAttribute(node, 'num_groups', 1);
    const grouped = (t: string): string => b.op('Reshape', [t, b.ints([0, groups, -1])]);
    const s = standardise(b, grouped(input), [2], floatAttribute(node, 'epsilon', 1e-5));
    if (opset < 21) {
      const each = grouped(g);
      const perGroup = b.op('Reshape', [scale, b.ints([groups, 1])]);
      const sum = (t: string): string => reduceSum(b, t, [0, 2], false);
      return [
        needs(0) ? reshapeLike(b, standardiseBackward(b, mul(b, each, perGroup), s), input) : undefined,
        needs(1) ? sum(mul(b, each, s.value)) : undefined,
        needs(2) ? sum(each) : undefined,
      ];
    }
    const spatial = range(2, shapeKnown(b, input).length);
    const perChannel = b.op('Reshape', [scale, b.ints([-1, ...spatial.map(() => 1)])]);
    const sum = (t: string): string => reduceSum(b, t, [0, ...spatial], false);
    return [
      needs(0) ? reshapeLike(b, standardiseBackward(b, grouped(mul(b, g, perChannel)), s), input) : undefined,
      needs(1) ? sum(mul(b, g, reshapeLike(b, s.value, input))) : undefined,
      needs(2) ? sum(g) : undefined,
    ];
  },
});
