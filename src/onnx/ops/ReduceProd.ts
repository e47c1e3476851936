import { multiplyDims } from '../dims.ts';
import { defineOp } from '../op.ts';
import { reduction } from '../reduction.ts';

/** The product of a whole shape, as exporters write the size of a flattened tensor, stays known. */
export const reduceProd = defineOp({
  ...reduction('ReduceProd'),
  contents: (c) => {
    const x = c.contents(0);
    return x === undefined || c.shape(0)?.length !== 1 ? undefined : [multiplyDims(x)];
  },
});
