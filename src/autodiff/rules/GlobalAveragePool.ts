import { sizeOf } from '../../tensor/index.ts';
import { fromSpread } from '../composed.ts';
import { spatialSizes } from '../conv/geometry.ts';
import { scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dy / count for every element. */
export const globalAveragePool = defineRule({
  op: 'GlobalAveragePool',
  backward: ({ b, node, x, dy }) => {
    const sizes = spatialSizes(b, node, x[0] as string);
    return [fromSpread(b, scale(b, dy[0] as string, 1 / sizeOf(sizes)), sizes)];
  },
});
