import type { GraphBuilder } from '../../onnx/index.ts';
import { intAttribute } from '../../onnx/index.ts';
import { splitHeads } from '../attention.ts';
import { add } from '../emit.ts';
import { fusedAttention } from '../fused-attention.ts';
import { rewriteRule } from '../rule.ts';

/** Attention of queries, keys and values that are given apart, a bias added to each. */
export const comMicrosoftMultiHeadAttention = rewriteRule({
  op: 'MultiHeadAttention',
  domain: 'com.microsoft',
  remarks:
    'with bias, masks of two and three axes, attention_bias and cache, which counts where an output has the longer one, as in the runtime',
  needs:
    'queries, keys and values that are not packed, known sizes of heads, and a mask that is not of lengths',
  rewrite: ({ b, node }) => {
    const [q = '', k = '', v = '', bias = '', padding = '', scores = '', pastKeys = '', pastValues = ''] =
      node.inputs;
    if (node.inputs.slice(8).some((name) => name !== '')) return undefined;
    const count = intAttribute(node, 'num_heads', 0);
    const [queries, keys, values] = biased(b, [q, k, v], bias).map((x) => splitHeads(b, x, count));
    if (queries === undefined || keys === undefined || values === undefined) return undefined;
    // The runtime's kernel leaves the cache out where it is not to give the longer one.
    const cache = node.outputs.slice(1, 3).some((name) => name !== '') ? { pastKeys, pastValues } : {};
    return fusedAttention(b, node, { queries, keys, values, padding, scores, ...cache });
  },
});

/** Each with its part of the bias, which those that have their heads apart already do not get. */
function biased(b: GraphBuilder, parts: readonly string[], bias: string): string[] {
  if (bias === '') return [...parts];
  let from = 0;
  return parts.map((x) => {
    const shape = b.shape(x);
    const width = shape?.at(-1);
    if (shape?.length !== 3 || typeof width !== 'number') return shape?.length === 4 ? x : '';
    const part = b.op('Slice', [bias, b.ints([from]), b.ints([from + width]), b.ints([0])]);
    from += width;
    return add(b, x, part);
  });
}
