import { divideDims } from '../dims.ts';
import { defineOp } from '../op.ts';
import { lengthOf } from '../parameters.ts';

export const col2Im = defineOp({
  op: 'Col2Im',
  inputs: [3, 3],
  infer: (c) => {
    const columns = c.shape(0);
    const rank = lengthOf(c, 1);
    const image =
      c.contents(1) ?? (rank === undefined ? undefined : Array.from({ length: rank }, () => c.fresh()));
    if (image === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const block = c.ints(2)?.reduce((a, d) => a * d, 1);
    const channels =
      columns?.[1] === undefined || block === undefined ? undefined : divideDims(columns[1], block);
    return [{ dtype: c.dtype(0), shape: [columns?.[0] ?? c.fresh(), channels ?? c.fresh(), ...image] }];
  },
});
