import type { Dim, GraphBuilder, Shape } from '../../onnx/index.ts';
import { intAttribute, stringAttribute } from '../../onnx/index.ts';
import { reshapeLike, reshapeTarget } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** SpaceToDepth is the inverse of the mode DCR; CRD orders channels before blocks. */
export const depthToSpace = defineRule({
  op: 'DepthToSpace',
  backward: ({ b, node, x, dy }) => {
    const block = intAttribute(node, 'blocksize', 1);
    if (stringAttribute(node, 'mode', 'DCR') === 'DCR')
      return [b.op('SpaceToDepth', [dy[0]], { blocksize: block })];
    return [blocksBehindChannels(b, dy[0] as string, x[0] as string, block)];
  },
});

/** [N, C, H·s, W·s] → [N, C·s·s, H, W], the place in the block running fastest. */
function blocksBehindChannels(b: GraphBuilder, dy: string, x: string, block: number): string {
  const deep = b.op('SpaceToDepth', [dy], { blocksize: block });
  const [n, , h, w] = shapeKnown(b, x);
  const [, channels] = shapeKnown(b, dy);
  const shape = [n, block * block, channels, h, w] as Shape;
  const target = reshapeTarget(shape, [n as Dim]);
  const sizes =
    target === undefined
      ? b.op(
          'Concat',
          [
            b.op('Shape', [deep], { start: 0, end: 1 }),
            b.ints([block * block, -1]),
            b.op('Shape', [deep], { start: 2 }),
          ],
          { axis: 0 },
        )
      : b.ints(target);
  const apart = b.op('Reshape', [deep, sizes]);
  return reshapeLike(b, b.op('Transpose', [apart], { perm: [0, 2, 1, 3, 4] }), x);
}
