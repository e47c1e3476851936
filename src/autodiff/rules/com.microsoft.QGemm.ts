import { float, floatAttribute, intAttribute } from '../../onnx/index.ts';
import { scale } from '../emit.ts';
import { dequantised, quantise, realBias } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Gemm of dequantised operands; the Gemm itself where no scale of the output is given. */
export const comMicrosoftQGemm = rewriteRule({
  op: 'QGemm',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [a = '', sa = '', za = '', w = '', sw = '', zw = '', bias = '', sy = '', zy = ''] = node.inputs;
    const [transA, transB] = [intAttribute(node, 'transA', 0), intAttribute(node, 'transB', 0)];
    const alpha = floatAttribute(node, 'alpha', 1);
    const operands = [dequantised(b, a, sa, za, 1), dequantised(b, w, sw, zw, transB === 1 ? 0 : 1)];
    if (bias !== '') operands.push(scale(b, realBias(b, bias, [sa, sw]), alpha));
    const attributes = { transA, transB, alpha: float(alpha) };
    if (sy !== '') return quantise(node, b.op('Gemm', operands, attributes), sy, zy);
    const made = b.op('Gemm', operands, attributes);
    return [{ ...node, op: 'Identity', domain: '', inputs: [made], attributes: {} }];
  },
});
