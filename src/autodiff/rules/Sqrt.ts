import { div } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / 2y. */
export const sqrt = unary('Sqrt', ({ b, x, y }) => div(b, b.scalar(0.5, b.dtype(x)), y), {
  remarks: 'infinite at 0',
});
