import type { GraphBuilder } from '../../onnx/index.ts';
import { intsAttribute, normalizeAxis } from '../../onnx/index.ts';
import { div, sub } from '../emit.ts';
import { padAxes, shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** Zeros where x was cropped, a crop where it was padded; the odd row is the last. */
export const centerCropPad = defineRule({
  op: 'CenterCropPad',
  since: 18,
  backward: ({ b, node, x, y, dy }) => {
    const from = shapeKnown(b, x[0] as string);
    const to = shapeKnown(b, y[0] as string);
    const axes = (intsAttribute(node, 'axes') ?? from.map((_, i) => i)).map((a) =>
      normalizeAxis(a, from.length),
    );
    const gaps = axes.map((a) => {
      const [had, has] = [from[a], to[a]];
      return typeof had === 'number' && typeof has === 'number' ? had - has : undefined;
    });
    if (gaps.every((g) => g !== undefined)) {
      const before = gaps.map((g) => Math.trunc(g / 2));
      return [
        padAxes(
          b,
          dy[0] as string,
          axes,
          before,
          gaps.map((g, i) => g - (before[i] as number)),
        ),
      ];
    }
    return [padByShapes(b, dy[0] as string, x[0] as string, y[0] as string)];
  },
});

function padByShapes(b: GraphBuilder, dy: string, x: string, y: string): string {
  const gap = sub(b, b.op('Shape', [x]), b.op('Shape', [y]));
  const before = div(b, gap, b.scalar(2, 'int64'));
  return b.op('Pad', [dy, b.op('Concat', [before, sub(b, gap, before)], { axis: 0 })]);
}
