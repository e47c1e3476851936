import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** [N, features] to [N, targets]. */
export const aiOnnxMlLinearRegressor = defineOp({
  op: 'LinearRegressor',
  domain: 'ai.onnx.ml',
  inputs: [1, 1],
  infer: (c) => {
    const shape = c.shape(0);
    const batch = shape?.length === 2 ? shape[0] : undefined;
    return [{ dtype: 'float32', shape: [batch ?? c.fresh(), intAttribute(c.node, 'targets', 1)] }];
  },
});
