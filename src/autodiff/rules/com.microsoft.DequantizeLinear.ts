import { defineRule } from '../rule.ts';
import { dequantizeLinear } from './DequantizeLinear.ts';

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftDequantizeLinear = defineRule({
  op: 'DequantizeLinear',
  domain: 'com.microsoft',
  remarks: 'as the standard one',
  backward: (context) => dequantizeLinear.backward(context),
});
