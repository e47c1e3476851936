import { defineOp } from '../op.ts';

export const neg = defineOp({
  op: 'Neg',
  inputs: [1, 1],
  infer: (c) => [c.type(0)],
  contents: (c) => c.ints(0)?.map((v) => -v),
});
