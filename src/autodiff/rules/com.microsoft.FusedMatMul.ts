import { floatAttribute, intAttribute, nodeLabel } from '../../onnx/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { scale } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { swapLast } from '../product.ts';
import { defineRule } from '../rule.ts';

/** Y = α op(A) op(B): dA = α dY op(B)ᵀ, dB = α op(A)ᵀ dY, each transposed where its operand is. */
export const comMicrosoftFusedMatMul = defineRule({
  op: 'FusedMatMul',
  domain: 'com.microsoft',
  inputs: ['A', 'B'],
  remarks: 'vectors and transposed batches are refused',
  backward: ({ b, node, x, dy, needs }) => {
    const [left, right] = x as [string, string];
    const flag = (name: string): boolean => intAttribute(node, name, 0) === 1;
    const vector = [left, right].some((name) => shapeKnown(b, name).length === 1);
    if (flag('transBatchA') || flag('transBatchB') || vector)
      throw new AdvarenaError('NO_GRADIENT', 'FusedMatMul has a gradient for plain matrices only.', {
        where: `node ${nodeLabel(node)}`,
        remedy: 'Pass a rule for com.microsoft.FusedMatMul in overrides.',
      });
    const turned = (name: string, transposed: boolean): string => (transposed ? swapLast(b, name) : name);
    const d = scale(b, dy[0] as string, floatAttribute(node, 'alpha', 1));
    const transA = flag('transA');
    const transB = flag('transB');
    return [
      needs(0) ? turned(b.op('MatMul', [d, turned(right, !transB)]), transA) : undefined,
      needs(1) ? turned(b.op('MatMul', [turned(left, !transA), d]), transB) : undefined,
    ];
  },
});
