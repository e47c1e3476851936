import { floatAttribute } from '../../onnx/index.ts';
import { add } from '../emit.ts';
import { rootMeanSquare } from '../root-mean-square.ts';
import { rewriteRule } from '../rule.ts';
import { named } from '../unroll.ts';

/** gamma · s / √(mean square + ε) over the last axis of s = x + skip (+ bias); output 3 is s itself. */
export const comMicrosoftSkipSimplifiedLayerNormalization = rewriteRule({
  op: 'SkipSimplifiedLayerNormalization',
  domain: 'com.microsoft',
  needs: 'the outputs of inference alone',
  rewrite: ({ b, node }) => {
    const [input, skip, scale, bias = ''] = node.inputs as [string, string, string, ...string[]];
    const [y = '', second = '', third = '', sum = ''] = node.outputs;
    if (second !== '' || third !== '') return undefined;
    const both = add(b, input, skip);
    const x = bias === '' ? both : add(b, both, bias);
    const epsilon = floatAttribute(node, 'epsilon', 1e-5);
    const made = rootMeanSquare(b, { ...node, outputs: [y] }, { x, scale, axes: [-1], epsilon });
    return sum === '' ? made : [...made, named(x, sum)];
  },
});
