import { intsAttribute } from '../../onnx/index.ts';
import { inverse } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** The inverse permutation. */
export const transpose = defineRule({
  op: 'Transpose',
  backward: ({ b, node, dy }) => {
    const order = intsAttribute(node, 'perm');
    return [b.op('Transpose', [dy[0]], order === undefined ? {} : { perm: inverse(order) })];
  },
});
