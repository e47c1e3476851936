import { dequantised, quantise } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Concat of dequantised parts. */
export const comMicrosoftQLinearConcat = rewriteRule({
  op: 'QLinearConcat',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [scale = '', zero = '', ...rest] = node.inputs;
    const parts: string[] = [];
    for (let i = 0; i < rest.length; i += 3)
      parts.push(dequantised(b, rest[i] as string, rest[i + 1] ?? '', rest[i + 2] ?? '', 1));
    return quantise(node, b.op('Concat', parts, node.attributes), scale, zero);
  },
});
