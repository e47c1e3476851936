import { ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Sigmoid of the dequantised input. */
export const comMicrosoftQLinearSigmoid = rewriteRule({
  op: 'QLinearSigmoid',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => ofOne(b, node, (x) => b.op('Sigmoid', [x])),
});
