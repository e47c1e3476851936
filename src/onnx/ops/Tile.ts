import { multiplyDims } from '../dims.ts';
import { defineOp } from '../op.ts';

export const tile = defineOp({
  op: 'Tile',
  inputs: [2, 2],
  infer: (c) => {
    const shape = c.shape(0);
    const repeats = c.contents(1);
    if (repeats !== undefined && shape !== undefined && repeats.length !== shape.length)
      throw new Error(`${repeats.length} repeats are given for rank ${shape.length}`);
    return [
      {
        dtype: c.dtype(0),
        shape: shape?.map((d, i) => {
          const r = repeats?.[i];
          return r === undefined ? c.fresh() : multiplyDims([d, r]);
        }),
      },
    ];
  },
  contents: (c) => {
    const value = c.contents(0);
    const repeats = c.ints(1);
    const times = repeats?.[0] ?? 0;
    if (value === undefined || repeats?.length !== 1 || Math.max(1, value.length) * times > 64)
      return undefined;
    return Array.from({ length: times }, () => value).flat();
  },
});
