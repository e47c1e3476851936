import { quantisedUnary } from '../quantised.ts';

export const comMicrosoftQLinearSigmoid = quantisedUnary('QLinearSigmoid');
