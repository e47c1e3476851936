import { intAttribute, intsAttribute, windowsOf } from '../../onnx/index.ts';
import { spatialSizes, unknownSize } from '../conv/geometry.ts';
import { mul } from '../emit.ts';
import { adjoint } from '../linear/axis-matrix.ts';
import { poolMatrix } from '../linear/pool-matrix.ts';
import { normFactor, ownFactor } from '../pool/power.ts';
import { defineRule } from '../rule.ts';

/** dx = sign(x)·|x|^(p−1) · the sum over the windows that hold x of dy·y^(1−p). */
export const lpPool = defineRule({
  op: 'LpPool',
  remarks: '0 where the norm is 0',
  backward: ({ b, node, x, y, dy }) => {
    const input = x[0] as string;
    const p = intAttribute(node, 'p', 2);
    const sizes = spatialSizes(b, node, input);
    const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? sizes, sizes);
    if (windows === undefined) throw unknownSize(node, input);
    const matrices = new Map(sizes.map((size, i) => [i + 2, poolMatrix(windows, i, size, 'sum')]));
    const shared = adjoint(b, node, normFactor(b, dy[0] as string, y[0] as string, p), matrices);
    return [mul(b, ownFactor(b, input, p), shared)];
  },
});
