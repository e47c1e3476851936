import { numbers } from '../../tensor/index.ts';
import type { Dim } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp } from '../op.ts';
import { contentsLimit } from '../parameters.ts';

export const range = defineOp({
  op: 'Range',
  inputs: [3, 3],
  infer: (c) => [{ dtype: c.dtype(0), shape: [count(c) ?? c.fresh()] }],
  contents: (c) => {
    const [start, , step] = bounds(c);
    const size = count(c);
    if (!c.dtype(0).startsWith('int') || typeof size !== 'number' || size > contentsLimit) return undefined;
    if (typeof start !== 'number' || typeof step !== 'number') return undefined;
    return Array.from({ length: size }, (_, i) => start + i * step);
  },
});

function bounds(c: InferContext): (Dim | undefined)[] {
  return [0, 1, 2].map((i) => {
    const constant = c.constant(i);
    return c.contents(i)?.[0] ?? (constant === undefined ? undefined : numbers(constant)[0]);
  });
}

function count(c: InferContext): Dim | undefined {
  const [start, end, step] = bounds(c);
  if (start === 0 && step === 1 && typeof end === 'string') return end;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number') return undefined;
  if (step === 0) throw new Error('the step is 0');
  return Math.max(0, Math.ceil((end - start) / step));
}
