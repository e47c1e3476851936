import { convGeometry } from '../conv/geometry.ts';
import { convInput } from '../conv/input.ts';
import { convWeight } from '../conv/weight.ts';
import { reduceSum } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx: the transposed convolution of dy; dW: the correlation of x with dy; db: the sum of dy. */
export const conv = defineRule({
  op: 'Conv',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, weight] = x as [string, string];
    const dOut = dy[0] as string;
    const g = convGeometry(b, node);
    return [
      needs(0) ? convInput(b, dOut, weight, g) : undefined,
      needs(1) ? convWeight(b, input, dOut, g) : undefined,
      needs(2) ? reduceSum(b, dOut, [0, ...g.output.map((_, i) => i + 2)], false) : undefined,
    ];
  },
});
