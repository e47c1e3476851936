import { numbers } from '../../tensor/index.ts';
import { mul, select } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { atLeast, atMost } from '../step.ts';

/**
 * dx = dy where min ≤ x ≤ max, else 0; a bound receives the dy of the elements that it holds. At a bound the
 * gradient passes, which only the input can tell: an output of 0 may come from any x ≤ 0.
 */
export const clip = defineRule({
  op: 'Clip',
  backward: ({ b, x, dy, needs }) => {
    const [input, g] = [x[0] as string, dy[0] as string];
    const [low, high] = [x[1] ?? '', x[2] ?? ''];
    const known = (name: string): number | undefined => {
      const value = b.constantValue(name);
      return value === undefined ? undefined : numbers(value)[0];
    };
    let through: string | undefined = g;
    if (needs(0)) {
      if (low !== '') {
        const bound = known(low);
        through =
          bound === undefined
            ? select(b, b.op('GreaterOrEqual', [input, low]), through)
            : bound === Number.NEGATIVE_INFINITY || bound <= -3.4028234e38
              ? through
              : mul(b, through, atLeast(b, input, bound));
      }
      if (high !== '') {
        const bound = known(high);
        through =
          bound === undefined
            ? select(b, b.op('LessOrEqual', [input, high]), through)
            : bound >= 3.4028234e38
              ? through
              : mul(b, through, atMost(b, input, bound));
      }
    }
    return [
      through,
      needs(1) ? select(b, b.op('Less', [input, low]), g) : undefined,
      needs(2) ? select(b, b.op('Greater', [input, high]), g) : undefined,
    ];
  },
});
