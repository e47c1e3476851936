import { floatAttribute } from '../../onnx/index.ts';
import { scale } from '../emit.ts';
import { defineRule } from '../rule.ts';
import type { Place } from '../step.ts';
import { depthwise, masked, positive, takesDepthwise } from '../step.ts';

/**
 * dx = dy where x > 0, else α dy. The sign is taken from the output where α allows it, so that the runtime may fuse
 * LeakyRelu into what is before it. On images the factor is (1 − α) m + α with the mask m.
 */
export const leakyRelu = defineRule({
  op: 'LeakyRelu',
  remarks: 'alpha at 0',
  backward: ({ b, node, x, y, dy }) => {
    const alpha = floatAttribute(node, 'alpha', 0.01);
    const of = (alpha >= 0 ? y[0] : x[0]) as string;
    const g = dy[0] as string;
    if (takesDepthwise(b, of)) {
      const slope = (place?: Place): string => depthwise(b, positive(b, of, place), 1 - alpha, alpha);
      return [masked(b, g, of, slope)];
    }
    const above = b.op('Greater', [of, b.scalar(0, b.dtype(of))]);
    return [b.op('Where', [above, g, scale(b, g, alpha)])];
  },
});
