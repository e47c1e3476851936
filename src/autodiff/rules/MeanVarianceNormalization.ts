import { intsAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';
import { standardise, standardiseBackward } from '../standardise.ts';

/** The operator adds 1e-9 to the standard deviation: here to the variance, so that a constant input has gradient 0. */
export const meanVarianceNormalization = defineRule({
  op: 'MeanVarianceNormalization',
  backward: ({ b, node, x, dy }) => {
    const axes = intsAttribute(node, 'axes') ?? [0, 2, 3];
    return [standardiseBackward(b, dy[0] as string, standardise(b, x[0] as string, axes, 1e-9))];
  },
});
