import { intsAttribute } from '../../onnx/index.ts';
import { add, div, mean, mul, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** What the operator adds to the standard deviation. */
const epsilon = 1e-9;

/** Keeps 0 / 0 away where the input is constant. */
const tiny = 1e-30;

/** y = c / (s + ε) with c = x − mean and s = √mean(c²): dx = (g − mean(g) − c/s · mean(g y)) / (s + ε). */
export const meanVarianceNormalization = defineRule({
  op: 'MeanVarianceNormalization',
  backward: ({ b, node, x, dy }) => {
    const axes = intsAttribute(node, 'axes') ?? [0, 2, 3];
    const [input, g] = [x[0] as string, dy[0] as string];
    const number = (v: number): string => b.scalar(v, b.dtype(input));
    const centred = sub(b, input, mean(b, input, axes));
    const deviation = b.op('Sqrt', [mean(b, mul(b, centred, centred), axes)]);
    const size = add(b, deviation, number(epsilon));
    // Not the operator's own output, in which the runtime may have the root of a variance rounded below zero.
    const output = div(b, centred, size);
    const unit = div(b, centred, b.op('Max', [deviation, number(tiny)]));
    const along = mul(b, unit, mean(b, mul(b, g, output), axes));
    const rest = sub(b, sub(b, g, mean(b, g, axes)), along);
    return [div(b, rest, size)];
  },
});
