import { unbroadcast } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { swapLast } from '../product.ts';
import { defineRule } from '../rule.ts';

/** dA = dY Bᵀ, dB = Aᵀ dY; a vector counts as a matrix of one row (left) or column (right). */
export const matMul = defineRule({
  op: 'MatMul',
  inputs: ['A', 'B'],
  backward: ({ b, x, dy, needs }) => {
    const [left, right] = x as [string, string];
    const leftIsVector = shapeKnown(b, left).length === 1;
    const rightIsVector = shapeKnown(b, right).length === 1;
    const a = leftIsVector ? b.op('Unsqueeze', [left, b.ints([0])]) : left;
    const c = rightIsVector ? b.op('Unsqueeze', [right, b.ints([1])]) : right;
    let d = dy[0] as string;
    if (rightIsVector) d = b.op('Unsqueeze', [d, b.ints([-1])]);
    if (leftIsVector) d = b.op('Unsqueeze', [d, b.ints([-2])]);
    const out: (string | undefined)[] = [undefined, undefined];
    if (needs(0)) {
      const g = unbroadcast(b, b.op('MatMul', [d, swapLast(b, c)]), a);
      out[0] = leftIsVector ? b.op('Squeeze', [g, b.ints([0])]) : g;
    }
    if (needs(1)) {
      const g = unbroadcast(b, b.op('MatMul', [swapLast(b, a), d]), c);
      out[1] = rightIsVector ? b.op('Squeeze', [g, b.ints([1])]) : g;
    }
    return out;
  },
});
