import { defineRule } from '../rule.ts';

/** Reversing twice is the identity. */
export const reverseSequence = defineRule({
  op: 'ReverseSequence',
  since: 10,
  backward: ({ b, node, x, dy }) => [b.op('ReverseSequence', [dy[0], x[1]], node.attributes)],
});
