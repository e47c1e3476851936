import { defineRule } from '../rule.ts';

/** What was kept passes. */
export const trilu = defineRule({
  op: 'Trilu',
  since: 14,
  backward: ({ b, node, x, dy }) => [b.op('Trilu', [dy[0], x[1]], node.attributes)],
});
