import type { Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** alpha · op(A) · op(B) + beta · C, with C broadcast. */
export const gemm = defineOp({
  op: 'Gemm',
  inputs: [2, 3],
  infer: (c) => [{ dtype: c.dtype(0), shape: productShape(side(c, 0, 'transA'), side(c, 1, 'transB')) }],
});

function side(c: InferContext, i: number, name: string): Shape | undefined {
  const shape = c.shape(i);
  return intAttribute(c.node, name, 0) === 1 ? shape?.toReversed() : shape;
}
