import { floatAttribute } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { tensor } from '../../tensor/index.ts';
import { mul, scale } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { positive } from '../step.ts';

/**
 * dx = dy where x > 0, else α dy. The sign is taken from the output where α allows it, so that the runtime may fuse
 * LeakyRelu into what is before it. On images the factor m + α(1 − m) of the mask m is a depthwise 1×1 convolution,
 * which keeps the runtime's blocked layout.
 */
export const leakyRelu = defineRule({
  op: 'LeakyRelu',
  backward: ({ b, node, x, y, dy }) => {
    const alpha = floatAttribute(node, 'alpha', 0.01);
    const of = (alpha >= 0 ? y[0] : x[0]) as string;
    const g = dy[0] as string;
    const channels = b.shape(of)?.[1];
    if (
      b.dtype(of) !== 'float32' ||
      b.shape(of)?.length !== 4 ||
      typeof channels !== 'number' ||
      channels % 4 !== 0
    ) {
      const above = b.op('Greater', [of, b.scalar(0, b.dtype(of))]);
      return [b.op('Where', [above, g, scale(b, g, alpha)])];
    }
    const weight: Tensor = tensor(new Float32Array(channels).fill(1 - alpha), [channels, 1, 1, 1]);
    const bias: Tensor = tensor(new Float32Array(channels).fill(alpha), [channels]);
    const factor = b.op('Conv', [positive(b, of), b.constant(weight), b.constant(bias)], { group: channels });
    return [mul(b, g, factor)];
  },
});
