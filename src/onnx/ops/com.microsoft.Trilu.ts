import { sameAsInput } from '../op.ts';

export const comMicrosoftTrilu = sameAsInput('Trilu', [1, 2], 'com.microsoft');
