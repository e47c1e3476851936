import { defineRule } from '../rule.ts';
import { dequantizeLinear } from './DequantizeLinear.ts';

const { since: _, ...standard } = dequantizeLinear;

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftDequantizeLinear = defineRule({ ...standard, domain: 'com.microsoft' });
