import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

/** x and scale to the output and the inverse size, which has size 1 from `axis` on. No standard operator has this name. */
export const simplifiedLayerNormalization = defineOp({
  op: 'SimplifiedLayerNormalization',
  inputs: [2, 2],
  infer: (c) => {
    const shape = c.shape(0);
    const axis = shape && normalizeAxis(intAttribute(c.node, 'axis', -1), shape.length);
    const kept = shape?.map((d, i) => (i < (axis ?? 0) ? d : 1));
    return [c.type(0), { dtype: 'float32', shape: kept }];
  },
});
