import { float } from '../../onnx/index.ts';
import { add, mul, scale } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { inside } from '../step.ts';

/** y = x h with h = clip(x/6 + 1/2, 0, 1): dx = dy (h + x/6 where 0 < h < 1). */
export const hardSwish = defineRule({
  op: 'HardSwish',
  since: 14,
  remarks: 'at -3 and 3 the slopes of the outer sides, 0 and 1',
  backward: ({ b, x, dy }) => {
    const input = x[0] as string;
    const h = b.op('HardSigmoid', [input], { alpha: float(1 / 6), beta: float(0.5) });
    return [mul(b, dy[0] as string, add(b, h, mul(b, scale(b, input, 1 / 6), inside(b, h))))];
  },
});
