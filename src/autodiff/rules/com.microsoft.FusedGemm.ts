import { beforeActivation } from '../activation.ts';
import { defineRule } from '../rule.ts';
import { gemm } from './Gemm.ts';

/** Gemm behind its activation. */
export const comMicrosoftFusedGemm = defineRule({
  op: 'FusedGemm',
  domain: 'com.microsoft',
  inputs: ['A', 'B', 'C'],
  remarks: 'activations Relu, LeakyRelu, HardSigmoid, Sigmoid, Tanh',
  backward: (context) => {
    const { b, node, y, dy } = context;
    return gemm.backward({ ...context, dy: [beforeActivation(b, node, y[0] as string, dy[0] as string)] });
  },
});
