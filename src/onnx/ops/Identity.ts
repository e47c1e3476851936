import { defineOp } from '../op.ts';

export const identity = defineOp({
  op: 'Identity',
  inputs: [1, 1],
  infer: (c) => [c.type(0)],
  contents: (c) => c.contents(0),
});
