import type { Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** alpha · op(a) · op(b), op being the transposition of the last two axes that `transA` and `transB` ask for. */
export const comMicrosoftFusedMatMul = defineOp({
  op: 'FusedMatMul',
  domain: 'com.microsoft',
  inputs: [2, 2],
  infer: (c) => {
    const batched =
      intAttribute(c.node, 'transBatchA', 0) === 1 || intAttribute(c.node, 'transBatchB', 0) === 1;
    const side = (i: number, name: string): Shape | undefined =>
      intAttribute(c.node, name, 0) === 1 ? swapped(c.shape(i)) : c.shape(i);
    const shape = batched ? undefined : productShape(side(0, 'transA'), side(1, 'transB'));
    return [{ dtype: c.dtype(0), shape }];
  },
});

function swapped(shape: Shape | undefined): Shape | undefined {
  if (shape === undefined || shape.length < 2) return shape;
  return [...shape.slice(0, -2), ...shape.slice(-2).toReversed()];
}
