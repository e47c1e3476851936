import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { floatAttribute, fusedMatMulOrder, intAttribute } from '../../onnx/index.ts';
import { scale } from '../emit.ts';
import { rewriteRule } from '../rule.ts';

/** α times the MatMul of operands with their axes in another order. */
export const comMicrosoftFusedMatMul = rewriteRule({
  op: 'FusedMatMul',
  domain: 'com.microsoft',
  needs: 'the ranks of operands that are transposed',
  rewrite: ({ b, node }) => {
    const [left, right] = [turned(b, node, 0, 'A'), turned(b, node, 1, 'B')];
    if (left === undefined || right === undefined) return undefined;
    const alpha = floatAttribute(node, 'alpha', 1);
    const plain = { ...node, domain: '', attributes: {} };
    if (alpha === 1) return [{ ...plain, op: 'MatMul', inputs: [left, right] }];
    return [{ ...plain, op: 'MatMul', inputs: [scale(b, left, alpha), right] }];
  },
});

function turned(b: GraphBuilder, node: Node, i: number, side: 'A' | 'B'): string | undefined {
  const x = node.inputs[i] as string;
  const asked = ['trans', 'transBatch'].some((name) => intAttribute(node, `${name}${side}`, 0) === 1);
  if (!asked) return x;
  const rank = b.shape(x)?.length;
  if (rank === undefined) return undefined;
  return rank === 1 ? x : b.op('Transpose', [x], { perm: fusedMatMulOrder(node, side, rank) });
}
