import { defineRule } from '../rule.ts';
import { quantizeLinear } from './QuantizeLinear.ts';

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftQuantizeLinear = defineRule({
  op: 'QuantizeLinear',
  domain: 'com.microsoft',
  remarks: 'as the standard one',
  backward: (context) => quantizeLinear.backward(context),
});
