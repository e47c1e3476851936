import { div, mask, mul, sub } from '../emit.ts';
import { reductionRule } from '../reduction.ts';

/**
 * dx = dy · product of the other elements. Zeros are replaced by ones in the product; where there is one zero only
 * its own place has a gradient, where there are more none has.
 */
export const reduceProd = reductionRule(
  'ReduceProd',
  ({ b, x, dy, reduce }) => {
    const zero = b.scalar(0, b.dtype(x));
    const isZero = b.op('Equal', [x, zero]);
    const zeros = mask(b, isZero, x);
    const filled = b.op('Where', [isZero, b.scalar(1, b.dtype(x)), x]);
    const otherZeros = sub(b, reduce('ReduceSum', zeros), zeros);
    const others = div(b, reduce('ReduceProd', filled), filled);
    return mul(b, dy, mul(b, others, mask(b, b.op('Equal', [otherZeros, zero]), x)));
  },
  { remarks: 'right with zeros among the factors; second derivatives only without' },
);
