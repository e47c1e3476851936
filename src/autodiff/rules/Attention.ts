import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { tensor } from '../../tensor/index.ts';
import { add, castTo, mul } from '../emit.ts';
import { swapLast } from '../product.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** What Where puts in the place of a masked score: its exponential is 0. */
const masked = -1e30;

/** Softmax(scale·q·kᵀ + mask)·v in plain operators. */
export const attention = rewriteRule({
  op: 'Attention',
  since: 23,
  needs: 'known lengths, no cache, no softcap and y as its only output',
  rewrite: ({ b, node }) => {
    const [q = '', k = '', v = '', bias = '', ...cache] = node.inputs;
    const cached = cache.some((name) => name !== '') || node.outputs.slice(1).some((name) => name !== '');
    const queries = heads(b, q, intAttribute(node, 'q_num_heads', 0));
    const keys = heads(b, k, intAttribute(node, 'kv_num_heads', 0));
    const values = heads(b, v, intAttribute(node, 'kv_num_heads', 0));
    if (queries === undefined || keys === undefined || values === undefined) return undefined;
    if (cached || floatAttribute(node, 'softcap', 0) !== 0) return undefined;
    const [, count, length, size] = b.shape(queries) ?? [];
    const [, groups, others] = b.shape(keys) ?? [];
    if (![count, length, size, groups, others].every((d) => typeof d === 'number')) return undefined;
    const repeats = (count as number) / (groups as number);
    const dtype = b.dtype(q);
    const factor = floatAttribute(node, 'scale', 1 / Math.sqrt(size as number));
    const product = b.op('MatMul', [queries, swapLast(b, repeated(b, keys, repeats))]);
    let scores = mul(b, product, b.scalar(factor, dtype));
    if (bias !== '' && b.dtype(bias) === 'bool')
      scores = b.op('Where', [bias, scores, b.scalar(masked, dtype)]);
    else if (bias !== '') scores = add(b, scores, bias);
    if (intAttribute(node, 'is_causal', 0) === 1) {
      const sees = causal(length as number, others as number);
      const seen = castTo(b, b.constant(sees, 'causal'), 'bool');
      scores = b.op('Where', [seen, scores, b.scalar(masked, dtype)]);
    }
    const mixed = b.op('MatMul', [b.op('Softmax', [scores], { axis: -1 }), repeated(b, values, repeats)]);
    return [joined(b, mixed, q, node)];
  },
});

/** [N, length, heads·size] as [N, heads, length, size]; undefined where the rank is not known. */
function heads(b: GraphBuilder, x: string, count: number): string | undefined {
  const rank = b.shape(x)?.length;
  if (rank === 4) return x;
  if (rank !== 3 || count === 0) return undefined;
  return b.op('Transpose', [b.op('Reshape', [x, b.ints([0, 0, count, -1])])], { perm: [0, 2, 1, 3] });
}

/** Every head several times in a row, for the queries that share it. */
function repeated(b: GraphBuilder, x: string, times: number): string {
  if (times === 1) return x;
  const heads = b.shape(x)?.[1] as number;
  const order = Array.from({ length: heads * times }, (_, i) => Math.floor(i / times));
  return b.op('Gather', [x, b.ints(order)], { axis: 1 });
}

/** 1 where query i may see key j: j ≤ i. */
function causal(queries: number, keys: number): Tensor {
  const data = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys <= Math.floor(i / keys) ? 1 : 0,
  );
  return tensor(data, [queries, keys], 'float32');
}

/** The node that makes the output, in the form of the queries. */
function joined(b: GraphBuilder, mixed: string, q: string, node: Node): Node {
  const output = node.outputs[0] as string;
  if (b.shape(q)?.length === 4) return named(mixed, output);
  const turned = b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return { ...named(turned, output), op: 'Reshape', inputs: [turned, b.ints([0, 0, -1])] };
}
