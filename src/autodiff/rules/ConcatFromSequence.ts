import { intAttribute } from '../../onnx/index.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** Concat of the sequence's tensors. */
export const concatFromSequence = rewriteRule({
  op: 'ConcatFromSequence',
  since: 11,
  needs: 'a sequence made by known operators',
  rewrite: ({ b, node, sequences }) => {
    const parts = sequences.get(node.inputs[0] as string);
    if (parts === undefined || parts.length === 0) return undefined;
    const value = intAttribute(node, 'axis', 0);
    const stacked = intAttribute(node, 'new_axis', 0) === 1;
    const inputs = stacked ? parts.map((p) => b.op('Unsqueeze', [p, b.ints([value])])) : [...parts];
    const output = named('', node.outputs[0] as string);
    return [{ ...output, op: 'Concat', inputs, attributes: { axis: { type: 'int', value } } }];
  },
});
