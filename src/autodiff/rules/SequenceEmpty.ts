import { rewriteRule } from '../rule.ts';

/** Noted for those that insert into the sequence. */
export const sequenceEmpty = rewriteRule({
  op: 'SequenceEmpty',
  since: 11,
  needs: 'readers that take constant positions',
  rewrite: ({ node, sequences }) => {
    sequences.set(node.outputs[0] as string, []);
    return undefined;
  },
});
