import { intAttribute } from '../../onnx/index.ts';
import { reduceSum, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** The indices are integers; the values [off, on] take the sums of dy over the places they fill. */
export const oneHot = defineRule({
  op: 'OneHot',
  since: 9,
  inputs: ['', '', 'values'],
  flat: [0, 1],
  remarks: 'the indices are integers',
  backward: ({ b, node, x, dy, needs }) => {
    if (!needs(2)) return [];
    const d = dy[0] as string;
    const ends = b.op('Cast', [b.floats([0, 1])], { to: 1 });
    const hot = b.op('OneHot', [x[0], x[1], ends], { axis: intAttribute(node, 'axis', -1) });
    const total = (v: string): string => b.op('Reshape', [reduceSum(b, v, undefined, false), b.ints([1])]);
    const on = total(b.op('Mul', [d, b.op('CastLike', [hot, d])]));
    return [undefined, undefined, b.op('Concat', [sub(b, total(d), on), on], { axis: 0 })];
  },
});
