import { intAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';
import { linearBackward, tables } from '../table-models.ts';

/** dx = d·W, with d the gradient of the result before its transform. */
export const aiOnnxMlLinearRegressor = defineRule({
  op: 'LinearRegressor',
  domain: tables,
  remarks: 'transforms NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO',
  backward: ({ b, node, x, y, dy }) => {
    const rows = intAttribute(node, 'targets', 1);
    return [
      linearBackward(b, node, { x: x[0] as string, scores: y[0] as string, dy: dy[0] as string, rows }),
    ];
  },
});
