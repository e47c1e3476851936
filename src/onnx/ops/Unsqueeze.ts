import type { Dim } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { numberList } from '../parameters.ts';

export const unsqueeze = defineOp({
  op: 'Unsqueeze',
  inputs: [1, 2],
  infer: (c) => {
    const dtype = c.dtype(0);
    const from = c.shape(0);
    const axes = numberList(c, 1, 'axes');
    if (from === undefined || axes === undefined || axes === 'absent') return [{ dtype, shape: undefined }];
    const rank = from.length + axes.length;
    const added = new Set(axes.map((a) => normalizeAxis(a, rank)));
    let next = 0;
    const shape = Array.from({ length: rank }, (_, i): Dim => (added.has(i) ? 1 : (from[next++] as Dim)));
    return [{ dtype, shape }];
  },
  contents: (c) => c.contents(0),
});
