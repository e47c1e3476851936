import { reduction } from '../reduction.ts';

export const reduceSumSquare = reduction('ReduceSumSquare');
