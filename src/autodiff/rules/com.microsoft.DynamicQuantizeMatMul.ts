import { dequantised, realProduct } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** The MatMul of the input, quantised and back, with the dequantised weight, and the bias. */
export const comMicrosoftDynamicQuantizeMatMul = rewriteRule({
  op: 'DynamicQuantizeMatMul',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [x = '', w = '', sw = '', zw = '', bias = ''] = node.inputs;
    const [q, scale, zero] = b.node('DynamicQuantizeLinear', [x], {}, { outputs: 3 }) as [
      string,
      string,
      string,
    ];
    const real = b.op('DequantizeLinear', [q, scale, zero]);
    return realProduct(b, node, real, dequantised(b, w, sw, zw, -1), bias);
  },
});
