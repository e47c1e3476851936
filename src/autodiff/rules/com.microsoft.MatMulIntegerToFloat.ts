import { dequantised, realProduct } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** The MatMul of dequantised operands, and the bias. */
export const comMicrosoftMatMulIntegerToFloat = rewriteRule({
  op: 'MatMulIntegerToFloat',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [x = '', w = '', sx = '', sw = '', zx = '', zw = '', bias = ''] = node.inputs;
    return realProduct(b, node, dequantised(b, x, sx, zx, -2), dequantised(b, w, sw, zw, -1), bias);
  },
});
