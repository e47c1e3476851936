import { reducedToIndex } from '../indices.ts';

export const argMax = reducedToIndex('ArgMax');
