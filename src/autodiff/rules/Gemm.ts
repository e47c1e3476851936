import { float, floatAttribute, intAttribute } from '../../onnx/index.ts';
import { scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** Y = α op(A) op(B) + β C: dA = α dY op(B)ᵀ, dB = α op(A)ᵀ dY, each transposed where its operand is; dC = β dY. */
export const gemm = defineRule({
  op: 'Gemm',
  inputs: ['A', 'B', 'C'],
  backward: ({ b, node, x, dy, needs }) => {
    const [a, c] = x as [string, string];
    const d = dy[0] as string;
    const alpha = float(floatAttribute(node, 'alpha', 1));
    const flippedA = intAttribute(node, 'transA', 0);
    const flippedB = intAttribute(node, 'transB', 0);
    const product = (p: string, q: string, transA: number, transB: number): string =>
      b.op('Gemm', [p, q], { alpha, transA, transB });
    return [
      !needs(0) ? undefined : flippedA ? product(c, d, flippedB, 1) : product(d, c, 0, 1 - flippedB),
      !needs(1) ? undefined : flippedB ? product(d, a, 1, flippedA) : product(a, d, 1 - flippedA, 0),
      needs(2) ? scale(b, d, floatAttribute(node, 'beta', 1)) : undefined,
    ];
  },
});
