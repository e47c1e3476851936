import { geluSlope } from '../gelu.ts';
import { unary } from '../unary.ts';

/** Φ(x) + x φ(x). */
export const comMicrosoftGelu = unary('Gelu', ({ b, x }) => geluSlope(b, x), { domain: 'com.microsoft' });
