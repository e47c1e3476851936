import { intAttribute, intsAttribute } from '../../onnx/index.ts';
import { splitHeads } from '../attention.ts';
import { add } from '../emit.ts';
import { fusedAttention } from '../fused-attention.ts';
import { rewriteRule } from '../rule.ts';

/** Attention of queries, keys and values that one product with the weights makes. */
export const comMicrosoftAttention = rewriteRule({
  op: 'Attention',
  domain: 'com.microsoft',
  remarks: 'with bias, masks of two and three axes and attention_bias',
  needs: 'weights of known sizes, no cache, no rotary embedding, and a mask that is not of lengths',
  rewrite: ({ b, node }) => {
    const [x = '', weights = '', bias = '', padding = '', past = '', scores = ''] = node.inputs;
    const width = b.shape(weights)?.[1];
    if (past !== '' || intAttribute(node, 'do_rotary', 0) !== 0 || typeof width !== 'number')
      return undefined;
    if (node.outputs.slice(1).some((name) => name !== '')) return undefined;
    const count = intAttribute(node, 'num_heads', 0);
    const sizes = intsAttribute(node, 'qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3];
    if (!sizes.every((size) => Number.isInteger(size))) return undefined;
    const product = b.op('MatMul', [x, weights]);
    const made = bias === '' ? product : add(b, product, bias);
    const parts = b.node('Split', [made, b.ints(sizes)], { axis: -1 }, { outputs: 3 });
    const [queries, keys, values] = parts.map((part) => splitHeads(b, part, count));
    if (queries === undefined || keys === undefined || values === undefined) return undefined;
    return fusedAttention(b, node, { queries, keys, values, padding, scores });
  },
});
