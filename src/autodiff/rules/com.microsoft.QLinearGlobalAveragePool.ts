import { channelsFirst, ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the GlobalAveragePool of the dequantised input. */
export const comMicrosoftQLinearGlobalAveragePool = rewriteRule({
  op: 'QLinearGlobalAveragePool',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const pool = (x: string): string => b.op('GlobalAveragePool', [x]);
    return ofOne(b, node, (x) => channelsFirst(b, node, { x }, pool));
  },
});
