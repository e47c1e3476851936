import { concrete } from '../dims.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { numberList } from '../parameters.ts';

export const squeeze = defineOp({
  op: 'Squeeze',
  inputs: [1, 2],
  infer: (c) => {
    const dtype = c.dtype(0);
    const shape = c.shape(0);
    const axes = numberList(c, 1, 'axes');
    if (shape === undefined || axes === undefined) return [{ dtype, shape: undefined }];
    if (axes === 'absent')
      return [{ dtype, shape: concrete(shape) === undefined ? undefined : shape.filter((d) => d !== 1) }];
    const drop = new Set(axes.map((a) => normalizeAxis(a, shape.length)));
    for (const a of drop)
      if (typeof shape[a] === 'number' && shape[a] !== 1)
        throw new Error(`axis ${a} of [${shape.join(', ')}] has more than one index`);
    return [{ dtype, shape: shape.filter((_, i) => !drop.has(i)) }];
  },
  contents: (c) => c.contents(0),
});
