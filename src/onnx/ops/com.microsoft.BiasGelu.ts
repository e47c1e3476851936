import { sameAsInput } from '../op.ts';

export const comMicrosoftBiasGelu = sameAsInput('BiasGelu', [2, 2], 'com.microsoft');
