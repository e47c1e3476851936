import { sizeOf } from '../../tensor/index.ts';
import { spatialSizes } from '../conv/geometry.ts';
import { scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dy / count for every element: left [N, C, 1, 1], since readers broadcast it. */
export const globalAveragePool = defineRule({
  op: 'GlobalAveragePool',
  backward: ({ b, node, x, dy }) => [
    scale(b, dy[0] as string, 1 / sizeOf(spatialSizes(b, node, x[0] as string))),
  ],
});
