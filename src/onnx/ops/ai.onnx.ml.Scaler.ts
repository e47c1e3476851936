import { defineOp } from '../op.ts';

/** Any numbers to float32, the shape unchanged. */
export const aiOnnxMlScaler = defineOp({
  op: 'Scaler',
  domain: 'ai.onnx.ml',
  inputs: [1, 1],
  infer: (c) => [{ dtype: 'float32', shape: c.shape(0) }],
});
