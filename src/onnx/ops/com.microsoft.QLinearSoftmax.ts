import { quantisedUnary } from '../quantised.ts';

export const comMicrosoftQLinearSoftmax = quantisedUnary('QLinearSoftmax');
