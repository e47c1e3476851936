import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  normalizeAxis,
  resizePlan,
  stringAttribute,
} from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { unknownSize } from '../conv/geometry.ts';
import { adjoint } from '../linear/axis-matrix.ts';
import type { AxisResize } from '../linear/resize-matrix.ts';
import { resizeMatrix } from '../linear/resize-matrix.ts';
import type { BackwardContext } from '../rule.ts';
import { defineRule } from '../rule.ts';

/** Interpolation is one linear map per axis: each goes back transposed. */
export const resize = defineRule({
  op: 'Resize',
  since: 10,
  remarks: 'every mode; scales, sizes and region count as constants',
  backward: ({ b, node, x, y, dy }) => {
    const input = x[0] as string;
    const shape = b.shape(input);
    const output = b.shape(y[0] as string);
    if (shape === undefined || output === undefined) throw unknownSize(node, input);
    const given = b.constantValue(x[2] ?? '');
    const scales = given === undefined || given.data.length === 0 ? undefined : numbers(given);
    const sizes = (x[3] ?? '') === '' ? undefined : (b.contents(x[3] as string) ?? []);
    const plan = resizePlan(node, shape, scales, sizes);
    const cropping =
      stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
    const matrices = new Map<number, ReturnType<typeof resizeMatrix>>();
    for (const [axis, size] of shape.entries()) {
      const scale = plan.scales[axis];
      const region = cropping ? regionOf(b, node, x[1] ?? '', axis, shape.length) : whole;
      if (scale === 1 && output[axis] === size && region === whole) continue;
      const outputs = output[axis];
      if (typeof size !== 'number' || typeof outputs !== 'number' || scale === undefined)
        throw unknownSize(node, input);
      matrices.set(axis, resizeMatrix({ inputs: size, outputs, scale, region, ...optionsOf(node) }));
    }
    return [adjoint(b, node, dy[0] as string, matrices)];
  },
});

const whole: readonly [number, number] = [0, 1];

type Place = BackwardContext['node'];

function optionsOf(node: Place): Omit<AxisResize, 'inputs' | 'outputs' | 'scale' | 'region'> {
  return {
    mode: stringAttribute(node, 'mode', 'nearest') as AxisResize['mode'],
    coordinates: stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel'),
    nearestMode: stringAttribute(node, 'nearest_mode', 'round_prefer_floor'),
    cubicCoefficient: floatAttribute(node, 'cubic_coeff_a', -0.75),
    excludeOutside: intAttribute(node, 'exclude_outside', 0) === 1,
    antialias: intAttribute(node, 'antialias', 0) === 1,
  };
}

/** The axis's part of the region: all starts, then all ends. */
function regionOf(
  b: BackwardContext['b'],
  node: Place,
  roi: string,
  axis: number,
  rank: number,
): readonly [number, number] {
  const constant = b.constantValue(roi);
  if (constant === undefined) throw unknownSize(node, roi);
  const values = numbers(constant);
  const axes = (intsAttribute(node, 'axes') ?? Array.from({ length: rank }, (_, i) => i)).map((a) =>
    normalizeAxis(a, rank),
  );
  const at = axes.indexOf(axis);
  if (at < 0) return whole;
  const start = values[at] as number;
  const end = values[axes.length + at] as number;
  return start === 0 && end === 1 ? whole : [start, end];
}
