import { floatAttribute } from '../../onnx/index.ts';
import { select } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy where |x| > λ, else 0. */
export const shrink = defineRule({
  op: 'Shrink',
  since: 9,
  remarks: '0 at both bounds',
  backward: ({ b, node, x, dy }) => {
    const input = x[0] as string;
    const bound = b.scalar(floatAttribute(node, 'lambd', 0.5), b.dtype(input));
    return [select(b, b.op('Greater', [b.op('Abs', [input]), bound]), dy[0] as string)];
  },
});
