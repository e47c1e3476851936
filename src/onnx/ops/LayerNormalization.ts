import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

/** Output, mean and inverse standard deviation; the latter two have size 1 from `axis` on. */
export const layerNormalization = defineOp({
  op: 'LayerNormalization',
  inputs: [2, 3],
  infer: (c) => {
    const shape = c.shape(0);
    const axis = shape && normalizeAxis(intAttribute(c.node, 'axis', -1), shape.length);
    const kept = shape?.map((d, i) => (i < (axis ?? 0) ? d : 1));
    return [c.type(0), { dtype: 'float32', shape: kept }, { dtype: 'float32', shape: kept }];
  },
});
