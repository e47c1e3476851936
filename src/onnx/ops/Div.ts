import { elementwise } from '../broadcast.ts';
import { divideDims } from '../dims.ts';

export const div = elementwise('Div', [2, 2], {
  // Integers are known here only of integer types, whose quotient is truncated.
  integers: (a, b) => {
    if (b === 0) return undefined;
    return typeof a === 'number' && typeof b === 'number' ? Math.trunc(a / b) : divideDims(a, b);
  },
});
