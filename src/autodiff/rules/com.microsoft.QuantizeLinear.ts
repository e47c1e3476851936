import { defineRule } from '../rule.ts';
import { quantizeLinear } from './QuantizeLinear.ts';

const { since: _, ...standard } = quantizeLinear;

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftQuantizeLinear = defineRule({ ...standard, domain: 'com.microsoft' });
