import { rotated } from '../rotary.ts';
import { rewriteRule } from '../rule.ts';

/** Pairs of features turned by the angle of their position. */
export const comMicrosoftRotaryEmbedding = rewriteRule({
  op: 'RotaryEmbedding',
  domain: 'com.microsoft',
  needs: 'a known size of heads and a position per element',
  rewrite: ({ b, node }) => {
    const [x = '', positions = '', cosines = '', sines = ''] = node.inputs;
    if (b.shape(positions)?.length !== 2) return undefined;
    return rotated(b, node, { x, cosines, sines, positions });
  },
});
