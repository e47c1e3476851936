import { betweenTwo } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Add of dequantised operands. */
export const comMicrosoftQLinearAdd = rewriteRule({
  op: 'QLinearAdd',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => betweenTwo('Add', b, node),
});
