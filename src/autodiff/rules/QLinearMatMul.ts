import { betweenTwo } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the MatMul of dequantised operands. */
export const qLinearMatMul = rewriteRule({
  op: 'QLinearMatMul',
  since: 10,
  rewrite: ({ b, node }) => betweenTwo('MatMul', b, node),
});
