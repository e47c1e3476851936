import { reduction } from '../reduction.ts';

export const reduceMean = reduction('ReduceMean');
