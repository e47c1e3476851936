import { rewriteRule } from '../rule.ts';
import { positionIn } from '../sequences.ts';

/** The sequence without the tensor at the position, the last where none is given. */
export const sequenceErase = rewriteRule({
  op: 'SequenceErase',
  since: 11,
  needs: 'a constant position in a sequence made by known operators',
  rewrite: ({ b, node, sequences }) => {
    const [sequence = '', position = ''] = node.inputs;
    const parts = sequences.get(sequence);
    if (parts === undefined) return undefined;
    const at = position === '' ? parts.length - 1 : positionIn(b, position, parts.length);
    if (at !== undefined) sequences.set(node.outputs[0] as string, parts.toSpliced(at, 1));
    return undefined;
  },
});
