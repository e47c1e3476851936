import { sameAsInput } from '../op.ts';

export const meanVarianceNormalization = sameAsInput('MeanVarianceNormalization');
