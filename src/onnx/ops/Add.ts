import { elementwise } from '../broadcast.ts';

export const add = elementwise('Add', [2, 2], {
  integers: (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a + b;
    if (a === 0) return b;
    return b === 0 ? a : undefined;
  },
});
