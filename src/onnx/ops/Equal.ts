import { elementwise } from '../broadcast.ts';

/** Of symbolic integers only what is sure is told: a size equals itself and no negative number. */
export const equal = elementwise('Equal', [2, 2], {
  result: 'bool',
  integers: (a, b) => {
    if (a === b) return 1;
    if (typeof a === 'number' && typeof b === 'number') return 0;
    return (typeof a === 'number' && a < 0) || (typeof b === 'number' && b < 0) ? 0 : undefined;
  },
});
