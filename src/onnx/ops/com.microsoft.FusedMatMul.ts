import { fusedMatMulOrder } from '../fused-order.ts';
import type { Dim, Shape } from '../graph.ts';
import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** alpha · a · b, each with its axes in the order that `trans` and `transBatch` ask for. */
export const comMicrosoftFusedMatMul = defineOp({
  op: 'FusedMatMul',
  domain: 'com.microsoft',
  inputs: [2, 2],
  infer: (c) => {
    const side = (i: number, name: 'A' | 'B'): Shape | undefined => {
      const shape = c.shape(i);
      if (shape === undefined || shape.length < 2) return shape;
      return fusedMatMulOrder(c.node, name, shape.length).map((axis) => shape[axis] as Dim);
    };
    return [{ dtype: c.dtype(0), shape: productShape(side(0, 'A'), side(1, 'B')) }];
  },
});
