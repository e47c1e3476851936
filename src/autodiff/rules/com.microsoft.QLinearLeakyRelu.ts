import { ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the LeakyRelu of the dequantised input. */
export const comMicrosoftQLinearLeakyRelu = rewriteRule({
  op: 'QLinearLeakyRelu',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => ofOne(b, node, (x) => b.op('LeakyRelu', [x], node.attributes)),
});
