import { mul as times } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** d(ab) = b·da + a·db. */
export const mul = defineRule({
  op: 'Mul',
  inputs: ['A', 'B'],
  backward: ({ b, x, dy, needs }) => [
    needs(0) ? times(b, dy[0] as string, x[1] as string) : undefined,
    needs(1) ? times(b, dy[0] as string, x[0] as string) : undefined,
  ],
});
