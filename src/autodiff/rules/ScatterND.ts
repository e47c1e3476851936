import { scatterRows } from '../indexing.ts';
import { defineRule } from '../rule.ts';
import { scatterBackward } from '../scatter.ts';

export const scatterND = defineRule({
  op: 'ScatterND',
  since: 11,
  inputs: ['data', '', 'updates'],
  backward: (c) => {
    const indices = c.x[1] as string;
    return scatterBackward(c, {
      gather: (x) => c.b.op('GatherND', [x, indices]),
      scatter: (base, values, reduction) =>
        reduction === 'none'
          ? c.b.op('ScatterND', [base, indices, values])
          : scatterRows(c.b, base, indices, values, reduction),
    });
  },
});
