import { defineOp } from '../op.ts';
import { conv } from './Conv.ts';

/** Conv, plus input 3 where given, then the activation that the attribute names. */
export const comMicrosoftFusedConv = defineOp({
  op: 'FusedConv',
  domain: 'com.microsoft',
  inputs: [2, 4],
  infer: (c) => conv.infer(c),
});
