import { elementwise } from '../broadcast.ts';

export const max = elementwise('Max', [1, Number.POSITIVE_INFINITY], {
  integers: (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
    return a === b ? a : undefined;
  },
});
