import { beforeActivation } from '../activation.ts';
import { defineRule } from '../rule.ts';
import { conv } from './Conv.ts';

/** Conv behind its activation; an added input takes what passes the activation. */
export const comMicrosoftFusedConv = defineRule({
  op: 'FusedConv',
  domain: 'com.microsoft',
  inputs: ['X', 'W', 'B', 'Z'],
  remarks: 'activations Relu, LeakyRelu, Clip, HardSigmoid, Sigmoid, Tanh',
  backward: (context) => {
    const { b, node, y, dy, needs } = context;
    const d = beforeActivation(b, node, y[0] as string, dy[0] as string);
    return [...conv.backward({ ...context, dy: [d] }), needs(3) ? d : undefined];
  },
});
