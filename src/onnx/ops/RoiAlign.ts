import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** x [N, C, H, W], regions [R, 4], the image of each region [R] to [R, C, output_height, output_width]. */
export const roiAlign = defineOp({
  op: 'RoiAlign',
  inputs: [3, 3],
  infer: (c) => {
    const regions = c.shape(2)?.[0] ?? c.shape(1)?.[0] ?? c.fresh();
    const size = (name: string): number => intAttribute(c.node, name, 1);
    const channels = c.shape(0)?.[1] ?? c.fresh();
    return [{ dtype: c.dtype(0), shape: [regions, channels, size('output_height'), size('output_width')] }];
  },
});
