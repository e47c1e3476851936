import { intAttribute } from '../../onnx/index.ts';
import { mul } from '../emit.ts';
import { normFactor, ownFactor } from '../pool/power.ts';
import { defineRule } from '../rule.ts';

/** dx = dy·sign(x)·|x|^(p−1)·y^(1−p). */
export const globalLpPool = defineRule({
  op: 'GlobalLpPool',
  remarks: '0 where the norm is 0',
  backward: ({ b, node, x, y, dy }) => {
    const p = intAttribute(node, 'p', 2);
    return [mul(b, ownFactor(b, x[0] as string, p), normFactor(b, dy[0] as string, y[0] as string, p))];
  },
});
