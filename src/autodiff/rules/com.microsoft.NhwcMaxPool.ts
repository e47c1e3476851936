import { channelsFirst } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** MaxPool of quantised images that have their channels last. */
export const comMicrosoftNhwcMaxPool = rewriteRule({
  op: 'NhwcMaxPool',
  domain: 'com.microsoft',
  rewrite: ({ b, node }) => {
    const pool = (images: string): string => b.op('MaxPool', [images], node.attributes);
    const made = channelsFirst(b, node, { x: node.inputs[0] as string, last: true }, pool);
    return [named(made, node.outputs[0] as string)];
  },
});
