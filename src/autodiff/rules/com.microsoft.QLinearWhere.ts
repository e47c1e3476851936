import { dequantised, quantise } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Where of dequantised operands. */
export const comMicrosoftQLinearWhere = rewriteRule({
  op: 'QLinearWhere',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [condition = '', x = '', sx = '', zx = '', y = '', sy = '', zy = '', scale = '', zero = ''] =
      node.inputs;
    const real = b.op('Where', [condition, dequantised(b, x, sx, zx, 1), dequantised(b, y, sy, zy, 1)]);
    return quantise(node, real, scale, zero);
  },
});
