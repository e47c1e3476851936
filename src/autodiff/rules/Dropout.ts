import { nodeLabel } from '../../onnx/index.ts';
import { AdvarenaError, numbers } from '../../tensor/index.ts';
import { scale, select } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** The identity in inference or at ratio 0, as exporters write it; in training the mask that was drawn, scaled. */
export const dropout = defineRule({
  op: 'Dropout',
  flat: [1],
  remarks: 'in inference the identity; in training mode what the mask output kept, and refused without it',
  backward: ({ b, node, x, y, dy }) => {
    const g = dy[0] as string;
    const first = (name: string | undefined, fallback: number): number | undefined => {
      if (name === undefined || name === '') return fallback;
      const value = b.constantValue(name);
      return value === undefined ? undefined : numbers(value)[0];
    };
    const ratio = first(x[1], 0.5);
    if (first(x[2], 0) === 0 || ratio === 0) return [g];
    const mask = y[1] ?? '';
    if (mask !== '' && ratio !== undefined) return [scale(b, select(b, mask, g), 1 / (1 - ratio))];
    throw new AdvarenaError(
      'NO_GRADIENT',
      'Dropout in training mode has a gradient only with its mask output.',
      {
        where: `node ${nodeLabel(node)}`,
        remedy: 'Export the model in evaluation mode.',
      },
    );
  },
});
