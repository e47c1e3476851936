import { sameAsInput } from '../op.ts';

export const comMicrosoftQuickGelu = sameAsInput('QuickGelu', [1, 1], 'com.microsoft');
