import { lessZero } from '../quantised.ts';
import { defineRule } from '../rule.ts';
import { matMul } from './MatMul.ts';

/** As MatMul over the real numbers that integers less their zero points are. */
export const matMulInteger = defineRule({
  op: 'MatMulInteger',
  since: 10,
  inputs: ['A', 'B'],
  backward: (context) => {
    const { b, x } = context;
    const [left, right] = x as [string, string];
    // A vector of zero points on the left has one per row; on the right, one per column, which broadcasts as it is.
    let rows = x[2] ?? '';
    const perRow = rows !== '' && b.shape(rows)?.length === 1 && b.sizes(rows)?.[0] !== 1;
    if (perRow) rows = b.op('Unsqueeze', [rows, b.ints([1])]);
    return matMul.backward({ ...context, x: [lessZero(b, left, rows), lessZero(b, right, x[3] ?? '')] });
  },
});
