import { defineOp } from '../op.ts';
import { dequantizeLinear } from './DequantizeLinear.ts';

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftDequantizeLinear = defineOp({ ...dequantizeLinear, domain: 'com.microsoft' });
