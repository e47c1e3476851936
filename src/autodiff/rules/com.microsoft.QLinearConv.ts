import { channelsFirst } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** The standard operator, on images that may have their channels last. */
export const comMicrosoftQLinearConv = rewriteRule({
  op: 'QLinearConv',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const [x = '', ...rest] = node.inputs;
    const { channels_last: _, ...attributes } = node.attributes;
    const conv = (images: string): string => b.op('QLinearConv', [images, ...rest], attributes);
    return [named(channelsFirst(b, node, { x }, conv), node.outputs[0] as string)];
  },
});
