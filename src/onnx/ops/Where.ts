import { elementwise } from '../broadcast.ts';
import type { Dim } from '../graph.ts';
import { defineOp } from '../op.ts';

/** Chooses between inputs 1 and 2; known integers follow a known condition (0 and 1). */
export const where = defineOp({
  ...elementwise('Where', [3, 3], { typeFrom: 1 }),
  contents: (c) => {
    const parts = [c.contents(0), c.contents(1), c.contents(2)];
    const size = Math.max(...parts.map((p) => p?.length ?? 1));
    const out: Dim[] = [];
    for (let i = 0; i < size; i++) {
      const [condition, yes, no] = parts.map((p) => (p?.length === 1 ? p[0] : p?.[i]));
      const chosen = yes === no ? yes : condition === 1 ? yes : condition === 0 ? no : undefined;
      if (chosen === undefined) return undefined;
      out.push(chosen);
    }
    return out;
  },
});
