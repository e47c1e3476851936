import { floatAttribute } from '../../onnx/index.ts';
import { add, mul } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { standardise, standardiseBackward } from '../standardise.ts';

/** Layer normalisation over the last axis of s = x + skip (+ bias), scaled by gamma; output 3 is s itself. */
export const comMicrosoftSkipLayerNormalization = defineRule({
  op: 'SkipLayerNormalization',
  domain: 'com.microsoft',
  inputs: ['input', 'skip', 'gamma', 'beta', 'bias'],
  outputs: [0, 3],
  backward: ({ b, node, x, dy, needs }) => {
    const [input, skip, gamma, , bias = ''] = x as [string, string, string, ...string[]];
    const [g, , , gSum] = dy;
    const both = add(b, input, skip);
    const sum = bias === '' ? both : add(b, both, bias);
    const s = standardise(b, sum, [-1], floatAttribute(node, 'epsilon', 1e-12));
    const inner = g === undefined ? undefined : standardiseBackward(b, mul(b, g, gamma), s);
    const each = inner === undefined || gSum === undefined ? (inner ?? gSum) : add(b, inner, gSum);
    return [each, each, needs(2) && g !== undefined ? mul(b, g, s.value) : undefined, g, each];
  },
});
