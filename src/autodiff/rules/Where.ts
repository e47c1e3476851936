import { select } from '../emit.ts';
import { defineRule } from '../rule.ts';

export const where = defineRule({
  op: 'Where',
  since: 9,
  inputs: ['', 'X', 'Y'],
  remarks: 'the condition decides and takes none',
  backward: ({ b, x, dy, needs }) => {
    const [condition, g] = [x[0] as string, dy[0] as string];
    const zero = b.scalar(0, b.dtype(g));
    return [
      undefined,
      needs(1) ? select(b, condition, g) : undefined,
      needs(2) ? b.op('Where', [condition, zero, g]) : undefined,
    ];
  },
});
