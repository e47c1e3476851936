import { rewriteRule } from '../rule.ts';
import { positionIn } from '../sequences.ts';
import { named } from '../unroll.ts';

/** The tensor at the position. */
export const sequenceAt = rewriteRule({
  op: 'SequenceAt',
  since: 11,
  needs: 'a constant position in a sequence made by known operators',
  rewrite: ({ b, node, sequences }) => {
    const parts = sequences.get(node.inputs[0] as string);
    if (parts === undefined) return undefined;
    const at = positionIn(b, node.inputs[1] as string, parts.length);
    const part = at === undefined ? undefined : parts[at];
    return part === undefined ? undefined : [named(part, node.outputs[0] as string)];
  },
});
