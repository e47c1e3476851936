import { defineOp } from '../op.ts';
import { quantizeLinear } from './QuantizeLinear.ts';

/** As the standard operator; it has had 16 bits for longer. */
export const comMicrosoftQuantizeLinear = defineOp({ ...quantizeLinear, domain: 'com.microsoft' });
