import { concrete, intAttribute } from '../../onnx/index.ts';
import { unknownSize } from '../conv/geometry.ts';
import { defineRule } from '../rule.ts';
import { affineBase } from '../sample/affine-base.ts';

/** grid = base · thetaᵀ, so that dtheta = dgridᵀ · base. */
export const affineGrid = defineRule({
  op: 'AffineGrid',
  since: 20,
  inputs: ['theta'],
  backward: ({ b, node, x, dy }) => {
    const sizes = concrete(b.contents(x[1] as string)?.slice(2));
    if (sizes === undefined) throw unknownSize(node, x[1] as string);
    const base = affineBase(sizes, intAttribute(node, 'align_corners', 0) === 1);
    const flat = b.op('Reshape', [dy[0], b.ints([0, -1, sizes.length])]);
    return [b.op('MatMul', [b.op('Transpose', [flat], { perm: [0, 2, 1] }), b.constant(base, 'base')])];
  },
});
