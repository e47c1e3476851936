import type { GraphBuilder } from '../../onnx/index.ts';
import { reduceSum, reshapeLike, shapeOf } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** Sum over the copies: dy with every axis split into (copies, size). */
export const tile = defineRule({
  op: 'Tile',
  backward: ({ b, x, dy }) => {
    const [data, repeats] = x as [string, string];
    const shape = shapeKnown(b, data);
    const apart = b.op('Reshape', [dy[0], interleaved(b, data, repeats)]);
    const copies = shape.map((_, i) => 2 * i);
    return [reshapeLike(b, reduceSum(b, apart, copies, false), data)];
  },
});

/** The sizes (copies of axis 0, size of axis 0, copies of axis 1, ...). */
function interleaved(b: GraphBuilder, data: string, repeats: string): string {
  const shape = shapeKnown(b, data);
  const times = b.contents(repeats);
  if (times?.every((d) => typeof d === 'number') === true) {
    const target = shape.flatMap((d, i) => [times[i] as number, typeof d === 'number' ? d : -1]);
    if (target.filter((d) => d === -1).length <= 1 && !target.includes(0)) return b.ints(target);
  }
  const column = (list: string): string => b.op('Unsqueeze', [list, b.ints([1])]);
  const pairs = b.op('Concat', [column(repeats), column(shapeOf(b, data))], { axis: 1 });
  return b.op('Reshape', [pairs, b.ints([-1])]);
}
