import { rotated } from '../rotary.ts';
import { rewriteRule } from '../rule.ts';

/** Pairs of features turned by the angle of their position. */
export const rotaryEmbedding = rewriteRule({
  op: 'RotaryEmbedding',
  since: 23,
  needs: 'a known size of heads',
  rewrite: ({ b, node }) => {
    const [x = '', cosines = '', sines = '', positions = ''] = node.inputs;
    return rotated(b, node, { x, cosines, sines, positions });
  },
});
