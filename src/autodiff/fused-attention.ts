import type { GraphBuilder, Node } from '../onnx/index.ts';
import { floatAttribute, intAttribute } from '../onnx/index.ts';
import { attend, behind, causal, joinHeads, lengthOf } from './attention.ts';
import { castTo, scale, sub } from './emit.ts';
import { named } from './unroll.ts';

/** What the runtime's fused attentions share; tensors by name, '' for those that are not given. */
export interface FusedAttention {
  /** [N, heads, length, size]. */
  readonly queries: string;
  readonly keys: string;
  readonly values: string;
  /** 0 for keys that are hidden, [N, total] or [N, length, total]. */
  readonly padding: string;
  /** Added to the scores. */
  readonly scores: string;
  /** The cache, [N, heads, past, size]. */
  readonly pastKeys?: string;
  readonly pastValues?: string;
}

/** The nodes that make the outputs: y, then the keys and values with the cache. Undefined where a form has none. */
export function fusedAttention(b: GraphBuilder, node: Node, a: FusedAttention): Node[] | undefined {
  const { queries, pastKeys = '', pastValues = '' } = a;
  const [y = '', presentKeys = '', presentValues = '', product = ''] = node.outputs;
  const keys = behind(b, pastKeys, a.keys);
  const values = behind(b, pastValues, a.values);
  const biases = a.scores === '' ? [] : [a.scores];
  if (a.padding !== '') {
    const hidden = hiding(b, node, a.padding, b.dtype(queries));
    if (hidden === undefined) return undefined;
    biases.push(hidden);
  }
  const offset = pastKeys === '' ? undefined : sub(b, lengthOf(b, keys), lengthOf(b, a.keys));
  const ordered = intAttribute(node, 'unidirectional', 0) === 1;
  const factor = floatAttribute(node, 'scale', 0);
  const attended = attend(b, {
    queries,
    keys,
    values,
    factor: factor === 0 ? undefined : factor,
    biases,
    seen: ordered ? [causal(b, queries, keys, offset)] : [],
  });
  if (attended === undefined) return undefined;
  return [
    joinHeads(b, attended.mixed, y),
    named(keys, presentKeys),
    named(values, presentValues),
    named(attended.product, product),
  ].filter((n) => n.outputs[0] !== '');
}

/** What is added to the scores of hidden keys, and 0 else; undefined for a mask that gives lengths. */
function hiding(
  b: GraphBuilder,
  node: Node,
  mask: string,
  dtype: ReturnType<GraphBuilder['dtype']>,
): string | undefined {
  const rank = b.shape(mask)?.length;
  if (rank !== 2 && rank !== 3) return undefined;
  const isHidden = b.op('Equal', [castTo(b, mask, 'int32'), b.scalar(0, 'int32')]);
  const hidden = scale(b, castTo(b, isHidden, dtype), floatAttribute(node, 'mask_filter_value', -10000));
  return b.op('Unsqueeze', [hidden, b.ints(rank === 2 ? [1, 2] : [1])]);
}
