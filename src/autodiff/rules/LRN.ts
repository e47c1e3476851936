import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { tensor } from '../../tensor/index.ts';
import { mul, sub } from '../emit.ts';
import { shapeKnown, unknownShape } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/**
 * y = x s^−β with s = bias + α/size · Σ x² over neighbouring channels:
 * dx = dy s^−β − 2αβ/size · x · Σ dy x s^(−β−1), over the same neighbours. The sums over channels are a 1×1
 * convolution by a band matrix.
 */
export const lrn = defineRule({
  op: 'LRN',
  backward: ({ b, node, x, dy }) => {
    const [input, g] = [x[0] as string, dy[0] as string];
    const shape = shapeKnown(b, input);
    const channels = shape[1];
    if (typeof channels !== 'number')
      throw unknownShape(`The gradient of LRN needs the number of channels of "${input}".`, input);
    const size = intAttribute(node, 'size', 1);
    const alpha = floatAttribute(node, 'alpha', 0.0001) / size;
    const beta = floatAttribute(node, 'beta', 0.75);
    const before = Math.floor((size - 1) / 2);
    const after = size - 1 - before;
    const band = (value: number, down: number, up: number): string => {
      const weight = new Float32Array(channels * channels);
      for (let c = 0; c < channels; c++)
        for (let k = Math.max(0, c - down); k <= Math.min(channels - 1, c + up); k++)
          weight[c * channels + k] = value;
      const matrix: Tensor = tensor(weight, [channels, channels, ...shape.slice(2).map(() => 1)]);
      return b.constant(matrix);
    };
    const bias: Tensor = tensor(new Float32Array(channels).fill(floatAttribute(node, 'bias', 1)), [channels]);
    const square = mul(b, input, input);
    const s = b.op('Conv', [square, band(alpha, before, after), b.constant(bias)]);
    const power = (p: number): string => b.op('Pow', [s, b.scalar(p)]);
    const spread = b.op('Conv', [
      mul(b, mul(b, g, input), power(-beta - 1)),
      band(2 * alpha * beta, after, before),
    ]);
    return [sub(b, mul(b, g, power(-beta)), mul(b, input, spread))];
  },
});
