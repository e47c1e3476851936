import { div, mul, neg, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** y = a − b·n with a whole n: da = dy, db = −dy · n. */
export const mod = defineRule({
  op: 'Mod',
  since: 10,
  inputs: ['A', 'B'],
  remarks: 'the whole quotient counts as a constant',
  backward: ({ b, x, y, dy, needs }) => {
    const [dividend, divisor, g] = [x[0] as string, x[1] as string, dy[0] as string];
    const whole = (): string => b.op('Round', [div(b, sub(b, dividend, y[0] as string), divisor)]);
    return [g, needs(1) ? neg(b, mul(b, g, whole())) : undefined];
  },
});
