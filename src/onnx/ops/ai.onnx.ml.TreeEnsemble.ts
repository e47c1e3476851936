import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** [N, features] to [N, targets] of the same type. */
export const aiOnnxMlTreeEnsemble = defineOp({
  op: 'TreeEnsemble',
  domain: 'ai.onnx.ml',
  inputs: [1, 1],
  infer: (c) => {
    const batch = c.shape(0)?.[0] ?? c.fresh();
    return [{ dtype: c.dtype(0), shape: [batch, intAttribute(c.node, 'n_targets', 1)] }];
  },
});
