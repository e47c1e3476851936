import type { GraphBuilder } from '../../onnx/index.ts';
import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { fromScaled } from '../composed.ts';
import { add, div, mul, neg, reduceSum, scale, sub } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/**
 * y = s·(x − m)/√(v + ε) + b per channel. In inference m and v are inputs: dx = dy·s/√(v + ε).
 * In training they are the batch's own: dx = s/√(v + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)).
 */
export const batchNormalization = defineRule({
  op: 'BatchNormalization',
  inputs: ['X', 'scale', 'B', 'input_mean', 'input_var'],
  remarks: 'in training mode through the statistics of the batch, and none of mean and variance',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, gain, , mean, variance] = x as [string, string, string, string, string];
    const d = dy[0];
    if (d === undefined) return [];
    const rank = shapeKnown(b, input).length;
    const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1);
    const channel = (v: string): string => b.op('Reshape', [v, b.ints([-1, ...axes.slice(1).map(() => 1)])]);
    const total = (v: string): string => reduceSum(b, v, axes, false);
    const epsilon = floatAttribute(node, 'epsilon', 1e-5);
    const training = intAttribute(node, 'training_mode', 0) === 1;
    const m = training ? average(b, input, axes) : channel(mean);
    const centred = sub(b, input, m);
    const v = training ? average(b, mul(b, centred, centred), axes) : channel(variance);
    const deviation = b.op('Sqrt', [add(b, v, b.scalar(epsilon, b.dtype(v)))]);
    const factor = div(b, channel(gain), deviation);
    const normal = div(b, centred, deviation);
    const factors = training ? undefined : constantFactors(b, gain, variance, epsilon);
    const passed = factors === undefined ? mul(b, d, factor) : fromScaled(b, d, factors);
    let dx = passed;
    if (training) {
      const along = mul(b, normal, average(b, mul(b, d, normal), axes));
      dx = mul(b, factor, sub(b, sub(b, d, average(b, d, axes)), along));
    }
    const inference = !training;
    return [
      needs(0) ? dx : undefined,
      needs(1) ? total(mul(b, d, normal)) : undefined,
      needs(2) ? total(d) : undefined,
      inference && needs(3) ? neg(b, total(passed)) : undefined,
      inference && needs(4) ? total(scale(b, div(b, mul(b, passed, normal), deviation), -0.5)) : undefined,
    ];
  },
});

/** s/√(v + ε), where all are constants of float32. */
function constantFactors(
  b: GraphBuilder,
  gain: string,
  variance: string,
  epsilon: number,
): Float32Array | undefined {
  const [s, v] = [b.constantValue(gain), b.constantValue(variance)];
  if (s?.dtype !== 'float32' || v?.dtype !== 'float32') return undefined;
  return Float32Array.from(s.data, (gamma, i) => gamma / Math.sqrt((v.data[i] as number) + epsilon));
}

function average(b: GraphBuilder, x: string, axes: readonly number[]): string {
  return b.op('ReduceMean', [x, b.ints(axes)], { keepdims: 1 });
}
