import { defineOp } from '../op.ts';
import { gemm } from './Gemm.ts';

/** Gemm, then the activation that the attribute names. */
export const comMicrosoftFusedGemm = defineOp({
  op: 'FusedGemm',
  domain: 'com.microsoft',
  inputs: [2, 3],
  infer: (c) => gemm.infer(c),
});
