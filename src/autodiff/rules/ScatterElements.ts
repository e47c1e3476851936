import { intAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';
import { scatterBackward } from '../scatter.ts';

export const scatterElements = defineRule({
  op: 'ScatterElements',
  since: 11,
  inputs: ['data', '', 'updates'],
  backward: (c) => {
    const axis = intAttribute(c.node, 'axis', 0);
    const indices = c.x[1] as string;
    return scatterBackward(c, {
      gather: (x) => c.b.op('GatherElements', [x, indices], { axis }),
      scatter: (base, values, reduction) =>
        c.b.op('ScatterElements', [base, indices, values], { axis, reduction }),
    });
  },
});
