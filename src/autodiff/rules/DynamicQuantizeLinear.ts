import { nodeLabel } from '../../onnx/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { div } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dy / scale: the scale and the zero point count as constants, and nothing saturates. */
export const dynamicQuantizeLinear = defineRule({
  op: 'DynamicQuantizeLinear',
  since: 11,
  outputs: [0, 1],
  remarks: 'straight through the rounding; scale and zero point count as constants, nothing saturates',
  backward: ({ b, node, y, dy }) => {
    if (dy[0] !== undefined) return [div(b, dy[0], y[1] as string)];
    // Beside the integers a scale may count as constant; alone it is all that is asked.
    throw new AdvarenaError('NO_GRADIENT', 'The scale of DynamicQuantizeLinear alone has no gradient.', {
      where: `node ${nodeLabel(node)}`,
      remedy: 'Pass a rule for DynamicQuantizeLinear in overrides.',
    });
  },
});
