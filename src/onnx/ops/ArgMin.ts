import { reducedToIndex } from '../indices.ts';

export const argMin = reducedToIndex('ArgMin');
