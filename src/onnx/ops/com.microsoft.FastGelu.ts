import { sameAsInput } from '../op.ts';

export const comMicrosoftFastGelu = sameAsInput('FastGelu', [1, 2], 'com.microsoft');
