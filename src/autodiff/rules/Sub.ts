import { neg } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** d(a − b) = da − db. */
export const sub = defineRule({
  op: 'Sub',
  inputs: ['A', 'B'],
  backward: ({ b, dy, needs }) => [dy[0], needs(1) ? neg(b, dy[0] as string) : undefined],
});
