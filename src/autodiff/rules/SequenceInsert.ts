import { rewriteRule } from '../rule.ts';
import { positionIn } from '../sequences.ts';

/** The sequence with the tensor at the position, at the end where none is given. */
export const sequenceInsert = rewriteRule({
  op: 'SequenceInsert',
  since: 11,
  needs: 'a constant position in a sequence made by known operators',
  rewrite: ({ b, node, sequences }) => {
    const [sequence = '', tensor = '', position = ''] = node.inputs;
    const parts = sequences.get(sequence);
    const at = position === '' ? parts?.length : positionIn(b, position, parts?.length ?? 0);
    if (parts !== undefined && at !== undefined)
      sequences.set(node.outputs[0] as string, parts.toSpliced(at, 0, tensor));
    return undefined;
  },
});
