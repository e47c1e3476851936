import type { Rule } from '../autodiff/index.ts';
import { defineRule, rules } from '../autodiff/index.ts';
import type { GraphBuilder } from '../onnx/index.ts';
import { float, floatAttribute, intAttribute } from '../onnx/index.ts';

/**
 * Gradient of batch normalization in the training form, whose further outputs are the batch's mean m and variance v:
 * dx = a·dy + k·x + c per channel with a = s/√(v + ε), k = −a·S₂/(n(v + ε)), c = −a·S₁/n − k·m, where
 * S₁ = Σdy and S₂ = Σdy·(x − m) over a channel's n elements. It walks over x and dy half as often as the general
 * rule, which must find m and v again.
 */
export const trainedBatchNorm: Rule = defineRule({
  op: 'BatchNormalization',
  backward(context) {
    const { b, node, x, y, dy, needs } = context;
    if (intAttribute(node, 'training_mode', 0) !== 1)
      return rules.get('BatchNormalization')?.backward(context) ?? [];
    const [input, gain] = x as [string, string];
    const [, mean, variance] = y as [string, string, string];
    const d = dy[0] as string;
    const rank = b.shape(input)?.length ?? 4;
    const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1);
    const wide = (v: string): string => b.op('Reshape', [v, b.ints([-1, ...axes.slice(1).map(() => 1)])]);
    const sum = (v: string): string => b.op('ReduceSum', [v, b.ints(axes)], { keepdims: 0 });
    const sum1 = sum(d);
    const product = sum(b.op('Mul', [d, input]));
    const sum2 = b.op('Sub', [product, b.op('Mul', [mean, sum1])]);
    const spread = b.op('Add', [variance, b.scalar(floatAttribute(node, 'epsilon', 1e-5))]);
    const deviation = b.op('Sqrt', [spread]);
    const a = b.op('Div', [gain, deviation]);
    const count = elements(b, input, gain);
    const share = b.op('Div', [a, count]);
    const k = b.op('Neg', [b.op('Div', [b.op('Mul', [share, sum2]), spread])]);
    const c = b.op('Neg', [b.op('Add', [b.op('Mul', [share, sum1]), b.op('Mul', [k, mean])])]);
    const line = (): string => b.op('Add', [b.op('Mul', [d, wide(a)]), affine(b, input, k, c)]);
    return [
      needs(0) ? line() : undefined,
      needs(1) ? b.op('Div', [sum2, deviation]) : undefined,
      needs(2) ? sum1 : undefined,
    ];
  },
});

/** k·x + c per channel in one walk: batch normalization by a mean of 0 and a variance of 1. */
function affine(b: GraphBuilder, x: string, k: string, c: string): string {
  const zero = b.op('Sub', [k, k]);
  const one = b.op('Exp', [zero]);
  return b.op('BatchNormalization', [x, k, c, zero, one], { epsilon: float(0) });
}

/** How many elements of `x` share a channel, as a float32 scalar. */
function elements(b: GraphBuilder, x: string, channels: string): string {
  const count = b.op('Div', [b.op('Size', [x]), b.op('Size', [channels])]);
  return b.op('Cast', [count], { to: 1 });
}
