import { numbers } from '../../tensor/index.ts';
import { floatsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { resizePlan } from '../resize.ts';

/** Larger by scales, an attribute and from opset 9 on the second input; Resize from opset 10 on. */
export const upsample = defineOp({
  op: 'Upsample',
  inputs: [1, 2],
  infer: (c) => {
    const shape = c.shape(0);
    const given = c.constant(1);
    const scales = floatsAttribute(c.node, 'scales') ?? (given && numbers(given));
    if (shape === undefined) return [{ dtype: c.dtype(0), shape }];
    const { output } = resizePlan(c.node, shape, scales, undefined);
    return [{ dtype: c.dtype(0), shape: output.map((d) => d ?? c.fresh()) }];
  },
});
