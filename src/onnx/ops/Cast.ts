import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

export const cast = defineOp({
  op: 'Cast',
  inputs: [1, 1],
  infer: (c) => {
    const dtype = dtypeOf(intAttribute(c.node, 'to', 0));
    return [dtype === undefined ? undefined : { dtype, shape: c.shape(0) }];
  },
  contents: (c) => {
    const dtype = dtypeOf(intAttribute(c.node, 'to', 0));
    return dtype === 'int64' || dtype === 'int32' ? c.contents(0) : undefined;
  },
});
