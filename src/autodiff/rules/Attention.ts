import type { GraphBuilder } from '../../onnx/index.ts';
import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { attend, behind, causal, joinHeads, lengthOf, lowest, places, splitHeads } from '../attention.ts';
import { sub } from '../emit.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** Softmax(scale·q·kᵀ + mask)·v, the keys and values behind those of the cache. */
export const attention = rewriteRule({
  op: 'Attention',
  since: 23,
  remarks: 'with cache, softcap, masks, shared heads and all outputs',
  needs: 'known numbers and sizes of heads',
  rewrite: ({ b, node }) => {
    const [q = '', k = '', v = '', mask = '', pastKeys = '', pastValues = '', lengths = ''] = node.inputs;
    const queries = splitHeads(b, q, intAttribute(node, 'q_num_heads', 0));
    const newKeys = splitHeads(b, k, intAttribute(node, 'kv_num_heads', 0));
    const newValues = splitHeads(b, v, intAttribute(node, 'kv_num_heads', 0));
    if (queries === undefined || newKeys === undefined || newValues === undefined) return undefined;
    const keys = behind(b, pastKeys, newKeys);
    const values = behind(b, pastValues, newValues);
    const boolean = mask !== '' && b.dtype(mask) === 'bool';
    const seen = boolean ? [mask] : [];
    if (lengths !== '') seen.push(withinLength(b, keys, lengths));
    if (intAttribute(node, 'is_causal', 0) === 1)
      seen.push(causal(b, queries, keys, offsetOf(b, queries, newKeys, keys, lengths)));
    const attended = attend(b, {
      queries,
      keys,
      values,
      factor: node.attributes['scale'] === undefined ? undefined : floatAttribute(node, 'scale', 1),
      softcap: floatAttribute(node, 'softcap', 0),
      biases: mask === '' || boolean ? [] : [mask],
      seen,
      blind: lengths !== '' || hides(b, mask),
    });
    if (attended === undefined) return undefined;
    const { mixed, product, capped, masked, weights } = attended;
    const [y = '', presentKeys = '', presentValues = '', scores = ''] = node.outputs;
    const stages = [product, capped, masked, weights];
    const shown = stages[intAttribute(node, 'qk_matmul_output_mode', 0)] ?? product;
    return [
      b.shape(q)?.length === 4 ? named(mixed, y) : joinHeads(b, mixed, y),
      named(keys, presentKeys),
      named(values, presentValues),
      named(shown, scores),
    ].filter((n) => n.outputs[0] !== '');
  },
});

/** Whether key j is no padding: j < length of the sample; [N, 1, 1, total]. */
function withinLength(b: GraphBuilder, keys: string, lengths: string): string {
  return b.op('Less', [places(b, keys), b.op('Unsqueeze', [lengths, b.ints([1, 2, 3])])]);
}

/** How many keys come before that of the first query; undefined for none. */
function offsetOf(
  b: GraphBuilder,
  queries: string,
  newKeys: string,
  keys: string,
  lengths: string,
): string | undefined {
  if (lengths !== '') return sub(b, b.op('Unsqueeze', [lengths, b.ints([1, 2, 3])]), lengthOf(b, queries));
  return keys === newKeys ? undefined : sub(b, lengthOf(b, keys), lengthOf(b, newKeys));
}

/** Whether a mask may hide all keys from a query: it does not if it is constant and masks nothing. */
function hides(b: GraphBuilder, mask: string): boolean {
  if (mask === '') return false;
  const value = b.constantValue(mask);
  return (
    value === undefined || numbers(value).some((v) => (value.dtype === 'bool' ? v === 0 : v <= lowest / 2))
  );
}
