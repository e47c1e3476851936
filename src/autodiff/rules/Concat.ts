import { intAttribute, normalizeAxis } from '../../onnx/index.ts';
import { channelsOf } from '../composed.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** Each input takes its own part of dy. */
export const concat = defineRule({
  op: 'Concat',
  inputs: ['inputs...'],
  backward: ({ b, node, x, y, dy, needs }) => {
    if (x.length === 1) return [dy[0]];
    const rank = shapeKnown(b, y[0] as string).length;
    const axis = normalizeAxis(intAttribute(node, 'axis', 0), rank);
    const sizes = x.map((name) => b.shape(name)?.[axis]);
    const made = axis === 1 ? channelsOf(b, dy[0] as string) : undefined;
    if (made?.every((part, i) => b.shape(part)?.[1] === sizes[i]) === true && made.length === x.length)
      return made;
    const known = sizes.every((d) => typeof d === 'number');
    const wanted = x.map((_, i) => needs(i));
    if (known && wanted.filter(Boolean).length === 1) {
      const at = wanted.indexOf(true);
      const start = sizes.slice(0, at).reduce((a, d) => a + d, 0);
      const end = start + (sizes[at] as number);
      const part = b.op('Slice', [dy[0], b.ints([start]), b.ints([end]), b.ints([axis])]);
      return wanted.map((w) => (w ? part : undefined));
    }
    const parts = known
      ? b.ints(sizes)
      : b.op(
          'Concat',
          x.map((name) => b.op('Shape', [name], { start: axis, end: axis + 1 })),
          { axis: 0 },
        );
    return b.node('Split', [dy[0], parts], { axis }, { outputs: x.length });
  },
});
