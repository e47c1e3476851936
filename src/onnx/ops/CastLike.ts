import { defineOp } from '../op.ts';

export const castLike = defineOp({
  op: 'CastLike',
  inputs: [2, 2],
  infer: (c) => {
    const like = c.type(1);
    return [like === undefined ? undefined : { dtype: like.dtype, shape: c.shape(0) }];
  },
  contents: (c) => (['int64', 'int32'].includes(c.type(1)?.dtype ?? '') ? c.contents(0) : undefined),
});
