import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { intAttribute, nodeLabel, normalizeAxis } from '../../onnx/index.ts';
import { AdvarenaError, numbers } from '../../tensor/index.ts';
import { unknownSize } from '../conv/geometry.ts';
import { add, sub } from '../emit.ts';
import { shapeKnown } from '../indexing.ts';
import type { AxisMatrix } from '../linear/axis-matrix.ts';
import { addWeight, adjoint, emptyMatrix } from '../linear/axis-matrix.ts';
import { defineRule } from '../rule.ts';

/**
 * With C and S the cosines and sines of the transform: re = C·x − S·x', im = S·x + C·x' for x + ix'. So
 * dx = Cᵀ·d(re) + Sᵀ·d(im) and dx' = Cᵀ·d(im) − Sᵀ·d(re).
 */
export const dft = defineRule({
  op: 'DFT',
  since: 17,
  remarks: 'the inverse of a one-sided transform is refused',
  backward: ({ b, node, opset, x, y, dy }) => {
    const [input, output, d] = [x[0] as string, y[0] as string, dy[0] as string];
    const shape = shapeKnown(b, input);
    const axis = axisOf(b, node, opset, shape.length);
    const size = shape[axis];
    const count = b.shape(output)?.[axis];
    if (typeof size !== 'number' || typeof count !== 'number') throw unknownSize(node, input);
    const oneSided = intAttribute(node, 'onesided', 0) === 1;
    const inverse = intAttribute(node, 'inverse', 0) === 1;
    if (oneSided && inverse)
      throw new AdvarenaError('NO_GRADIENT', 'The inverse of a one-sided DFT has no gradient rule.', {
        where: `node ${nodeLabel(node)}`,
        remedy: 'Pass a rule for DFT in overrides.',
      });
    const given = (x[1] ?? '') === '' ? undefined : b.constantValue(x[1] as string);
    const length = given === undefined ? (oneSided ? size : count) : (numbers(given)[0] as number);
    const { cosines, sines } = matrices(count, size, length, inverse);
    const part = (t: string, i: number): string => b.op('Gather', [t, b.ints([i])], { axis: -1 });
    const byCosine = adjoint(b, node, d, new Map([[axis, cosines]]));
    const bySine = adjoint(b, node, d, new Map([[axis, sines]]));
    const real = add(b, part(byCosine, 0), part(bySine, 1));
    if (shape.at(-1) === 1) return [real];
    const imaginary = sub(b, part(byCosine, 1), part(bySine, 0));
    return [b.op('Concat', [real, imaginary], { axis: -1 })];
  },
});

/** An attribute (1 by default) up to opset 19, an input (the last but one by default) after. */
function axisOf(b: GraphBuilder, node: Node, opset: number, rank: number): number {
  if (opset < 20) return normalizeAxis(intAttribute(node, 'axis', 1), rank);
  const name = node.inputs[2] ?? '';
  if (name === '') return rank - 2;
  const given = b.constantValue(name);
  if (given === undefined) throw unknownSize(node, name);
  return normalizeAxis(numbers(given)[0] as number, rank);
}

/** Of a transform of `length` points, of which `size` are given (further ones cut off, missing ones zero). */
function matrices(
  count: number,
  size: number,
  length: number,
  inverse: boolean,
): { cosines: AxisMatrix; sines: AxisMatrix } {
  const cosines = emptyMatrix(count, size);
  const sines = emptyMatrix(count, size);
  const scale = inverse ? 1 / length : 1;
  for (let k = 0; k < count; k++)
    for (let n = 0; n < Math.min(size, length); n++) {
      const angle = (2 * Math.PI * ((k * n) % length)) / length;
      addWeight(cosines, k, n, scale * Math.cos(angle));
      addWeight(sines, k, n, (inverse ? scale : -scale) * Math.sin(angle));
    }
  return { cosines, sines };
}
