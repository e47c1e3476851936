import { dequantised, quantise, realBias } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Conv of dequantised operands. */
export const qLinearConv = rewriteRule({
  op: 'QLinearConv',
  since: 10,
  rewrite: ({ b, node }) => {
    const [x = '', sx = '', zx = '', w = '', sw = '', zw = '', sy = '', zy = '', bias = ''] = node.inputs;
    const operands = [dequantised(b, x, sx, zx, 1), dequantised(b, w, sw, zw, 0)];
    if (bias !== '') operands.push(realBias(b, bias, [sx, sw]));
    return quantise(node, b.op('Conv', operands, node.attributes), sy, zy);
  },
});
