import { convGeometry } from '../conv/geometry.ts';
import { convInput } from '../conv/input.ts';
import { convWeight } from '../conv/weight.ts';
import { shapeKnown } from '../indexing.ts';
import { lessZero } from '../quantised.ts';
import { defineRule } from '../rule.ts';

/** As Conv over the real numbers that integers less their zero points are. */
export const convInteger = defineRule({
  op: 'ConvInteger',
  since: 10,
  inputs: ['x', 'w'],
  remarks: 'zero points count as constants',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, weight] = x as [string, string];
    const d = dy[0] as string;
    const g = convGeometry(b, node);
    return [
      needs(0) ? convInput(b, d, lessZero(b, weight, weightZero(x[3] ?? '')), g, input) : undefined,
      needs(1) ? convWeight(b, lessZero(b, input, x[2] ?? ''), d, g) : undefined,
    ];
    /** One per output channel, or a single one. */
    function weightZero(zero: string): string {
      if (zero === '' || b.shape(zero)?.length !== 1) return zero;
      const rank = shapeKnown(b, weight).length;
      return b.op('Reshape', [zero, b.ints([-1, ...Array.from({ length: rank - 1 }, () => 1)])]);
    }
  },
});
