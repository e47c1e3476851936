import { classLabels, labelsAndScores } from '../class-labels.ts';
import { floatsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** [N, features] to labels [N] and scores [N, classes]; a single row of coefficients can decide between two classes. */
export const aiOnnxMlLinearClassifier = defineOp({
  op: 'LinearClassifier',
  domain: 'ai.onnx.ml',
  inputs: [1, 1],
  infer: (c) => {
    const rows = floatsAttribute(c.node, 'intercepts')?.length ?? 1;
    const two = rows === 1 && classLabels(c.node.attributes).length === 2;
    return labelsAndScores(c, two ? 2 : rows);
  },
});
