import { elementwise } from '../broadcast.ts';

/** Known where both are positive, so that fmod and the other remainder agree. */
export const mod = elementwise('Mod', [2, 2], {
  integers: (a, b) => (typeof a === 'number' && typeof b === 'number' && a >= 0 && b > 0 ? a % b : undefined),
});
