import { classLabels, labelsAndScores } from '../class-labels.ts';
import { defineOp } from '../op.ts';

/** [N, features] to labels [N] and scores [N, classes]. */
export const aiOnnxMlTreeEnsembleClassifier = defineOp({
  op: 'TreeEnsembleClassifier',
  domain: 'ai.onnx.ml',
  inputs: [1, 1],
  infer: (c) => labelsAndScores(c, classLabels(c.node.attributes).length),
});
