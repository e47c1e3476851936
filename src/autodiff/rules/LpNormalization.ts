import { intAttribute } from '../../onnx/index.ts';
import { mul, reduceSum, sub } from '../emit.ts';
import { safeDiv } from '../reduction.ts';
import { defineRule } from '../rule.ts';

/** y = x / n with the norm n along the axis: dx = (dy − n′ Σ y dy) / n, where n′ is y for p = 2 and sign(x) for 1. */
export const lpNormalization = defineRule({
  op: 'LpNormalization',
  remarks: '0 where the norm is 0',
  backward: ({ b, node, x, y, dy }) => {
    const [input, out, g] = [x[0] as string, y[0] as string, dy[0] as string];
    const axis = intAttribute(node, 'axis', -1);
    const p = intAttribute(node, 'p', 2);
    const norm = b.op(`ReduceL${p}`, [input, b.ints([axis])], { keepdims: 1 });
    const slope = p === 2 ? out : b.op('Sign', [input]);
    return [safeDiv(b, sub(b, g, mul(b, slope, reduceSum(b, mul(b, g, out), [axis]))), norm)];
  },
});
