import { intAttribute } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { integerAt } from '../parameters.ts';

/** x [..., 1] (real) or [..., 2] (complex) to [..., 2]; real again where a one-sided transform is inverted. */
export const dft = defineOp({
  op: 'DFT',
  inputs: [1, 3],
  infer: (c) => {
    const x = c.shape(0);
    const axis = x === undefined ? undefined : dftAxis(c, x.length);
    if (x === undefined || axis === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const given = (c.node.inputs[1] ?? '') === '' ? x[axis] : integerAt(c, 1);
    const oneSided = intAttribute(c.node, 'onesided', 0) === 1;
    const inverse = intAttribute(c.node, 'inverse', 0) === 1;
    const half = typeof given === 'number' ? Math.floor(given / 2) + 1 : undefined;
    const size = oneSided && !inverse ? half : given;
    const shape = x.slice(0, -1).with(axis, size ?? c.fresh());
    return [{ dtype: c.dtype(0), shape: [...shape, oneSided && inverse ? 1 : 2] }];
  },
});

/** The axis transformed: an attribute (1 by default) up to opset 19, an input (-2 by default) after. */
function dftAxis(c: InferContext, rank: number): number | undefined {
  if (c.opset < 20) return normalizeAxis(intAttribute(c.node, 'axis', 1), rank);
  if ((c.node.inputs[2] ?? '') === '') return rank - 2;
  const axis = integerAt(c, 2);
  return typeof axis === 'number' ? normalizeAxis(axis, rank) : undefined;
}
