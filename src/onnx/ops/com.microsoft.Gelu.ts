import { sameAsInput } from '../op.ts';

export const comMicrosoftGelu = sameAsInput('Gelu', [1, 1], 'com.microsoft');
