import { elementwise } from '../broadcast.ts';

export const min = elementwise('Min', [1, Number.POSITIVE_INFINITY], {
  integers: (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
    return a === b ? a : undefined;
  },
});
