import { intAttribute } from '../../onnx/index.ts';
import { mul, reduceSum, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = y (dy − Σ y dy), the sum along the axis. */
export const softmax = defineRule({
  op: 'Softmax',
  backward: ({ b, node, y, dy }) => {
    const [out, g] = [y[0] as string, dy[0] as string];
    const sum = reduceSum(b, mul(b, g, out), [intAttribute(node, 'axis', -1)]);
    return [mul(b, out, sub(b, g, sum))];
  },
});
