import { elementwise } from '../broadcast.ts';

export const sub = elementwise('Sub', [2, 2], {
  integers: (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (b === 0) return a;
    return a === b ? 0 : undefined;
  },
});
