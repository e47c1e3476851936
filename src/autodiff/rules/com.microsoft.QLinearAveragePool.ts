import { channelsFirst, ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the AveragePool of the dequantised input. */
export const comMicrosoftQLinearAveragePool = rewriteRule({
  op: 'QLinearAveragePool',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const { channels_last: _, ...attributes } = node.attributes;
    const pool = (x: string): string => b.op('AveragePool', [x], attributes);
    return ofOne(b, node, (x) => channelsFirst(b, node, { x }, pool));
  },
});
