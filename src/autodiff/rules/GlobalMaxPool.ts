import { div, mask, mul, reduceSum } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** The maximum takes all; equal ones share. */
export const globalMaxPool = defineRule({
  op: 'GlobalMaxPool',
  remarks: 'equal maxima share',
  backward: ({ b, x, y, dy }) => {
    const input = x[0] as string;
    const largest = mask(b, b.op('Equal', [input, y[0]]), input);
    const axes = shapeKnown(b, input)
      .map((_, i) => i)
      .slice(2);
    return [mul(b, largest, div(b, dy[0] as string, reduceSum(b, largest, axes)))];
  },
});
