import { classLabels, floatsAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';
import { linearBackward, tables } from '../table-models.ts';

/** dx = d·W, with d the gradient of the scores before their transform; the labels take none. */
export const aiOnnxMlLinearClassifier = defineRule({
  op: 'LinearClassifier',
  domain: tables,
  outputs: [1],
  remarks: 'of the scores; transforms NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO',
  backward: ({ b, node, x, y, dy: [, dy] }) => {
    if (dy === undefined) return [];
    const rows = floatsAttribute(node, 'intercepts')?.length ?? 1;
    const opposed = rows === 1 && classLabels(node.attributes).length === 2;
    return [linearBackward(b, node, { x: x[0] as string, scores: y[1] as string, dy, rows, opposed })];
  },
});
