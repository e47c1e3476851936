import { quantisedUnary } from '../quantised.ts';

export const comMicrosoftQLinearLeakyRelu = quantisedUnary('QLinearLeakyRelu');
