import { intAttribute } from '../../onnx/index.ts';
import { mul, reduceSum, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy − exp(y) Σ dy, the sum along the axis. */
export const logSoftmax = defineRule({
  op: 'LogSoftmax',
  backward: ({ b, node, y, dy }) => {
    const g = dy[0] as string;
    const sum = reduceSum(b, g, [intAttribute(node, 'axis', -1)]);
    return [sub(b, g, mul(b, b.op('Exp', [y[0]]), sum))];
  },
});
