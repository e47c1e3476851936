import { betweenTwo } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Mul of dequantised operands. */
export const comMicrosoftQLinearMul = rewriteRule({
  op: 'QLinearMul',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => betweenTwo('Mul', b, node),
});
