import { rewriteRule } from '../rule.ts';

/** Noted for those that read the sequence. */
export const sequenceConstruct = rewriteRule({
  op: 'SequenceConstruct',
  since: 11,
  needs: 'readers that take constant positions',
  rewrite: ({ node, sequences }) => {
    sequences.set(node.outputs[0] as string, node.inputs);
    return undefined;
  },
});
