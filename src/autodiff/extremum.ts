import { add, div, mask, mul } from './emit.ts';
import type { Rule } from './rule.ts';
import { defineRule } from './rule.ts';

/** Max and Min of several tensors: dy goes to the inputs that reach y, in equal parts where several do. */
export function extremum(op: string): Rule {
  return defineRule({
    op,
    inputs: ['data...'],
    remarks: 'inputs that are equal share',
    backward: ({ b, x, y, dy, needs }) => {
      if (x.length === 1) return [dy[0]];
      const out = y[0] as string;
      const masks = x.map((input) => mask(b, b.op('Equal', [input, out]), out));
      const share = div(
        b,
        dy[0] as string,
        masks.reduce((a, m) => add(b, a, m)),
      );
      return masks.map((m, i) => (needs(i) ? mul(b, share, m) : undefined));
    },
  });
}
