import { sameAsInput } from '../op.ts';

export const thresholdedRelu = sameAsInput('ThresholdedRelu');
