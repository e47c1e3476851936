import type { GraphBuilder, Node } from '../../onnx/index.ts';
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
import { castTo, div, reshapeLike, shapeOf } from '../emit.ts';
import type { AxisMatrix } from '../linear/axis-matrix.ts';
import { adjoint } from '../linear/axis-matrix.ts';
import type { AxisAtRun, Interpolation } from '../linear/resize-at-run.ts';
import { applyTransposed, resizeMatrixAtRun } from '../linear/resize-at-run.ts';
import { resizeMatrix } from '../linear/resize-matrix.ts';
import { defineRule } from '../rule.ts';

/** Interpolation is one linear map per axis: each goes back transposed. */
export const resize = defineRule({
  op: 'Resize',
  since: 10,
  remarks:
    'every mode; scales, sizes and region count as constants, and may be computed: then the first of four axes and more is taken to keep its size',
  formulations: [
    'products with constant matrices: known sizes',
    'products with matrices made at the run: sizes, scales or a region known only then',
  ],
  backward: ({ b, node, x, y, dy }) => {
    const [input, output] = [x[0] as string, y[0] as string];
    const shape = b.shape(input);
    if (shape === undefined) throw unknownSize(node, input);
    const given = b.constantValue(x[2] ?? '');
    const scales = given === undefined || given.data.length === 0 ? undefined : numbers(given);
    const sizes = (x[3] ?? '') === '' ? undefined : (b.contents(x[3] as string) ?? []);
    const plan = resizePlan(node, shape, scales, sizes);
    const crops =
      stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
    const how = interpolationOf(node);
    const known = new Map<number, AxisMatrix>();
    const atRun: number[] = [];
    for (const [axis, size] of shape.entries()) {
      const scale = plan.scales[axis];
      const region = crops ? regionOf(b, node, x[1] ?? '', axis, shape.length) : whole;
      const outputs = b.shape(output)?.[axis];
      if (scale === 1 && outputs === size && region === whole) continue;
      const constant = typeof size === 'number' && typeof outputs === 'number';
      if (constant && scale !== undefined && region !== undefined)
        known.set(axis, resizeMatrix({ inputs: size, outputs, scale, region, ...how }));
      else if (axis > 0 || shape.length < 4 || constant) atRun.push(axis);
    }
    if (atRun.length === 0) return [adjoint(b, node, dy[0] as string, known)];
    let out = dy[0] as string;
    for (const axis of [...known.keys(), ...atRun]) {
      const matrix = resizeMatrixAtRun(b, axisAtRun(b, node, axis, crops), how);
      out = applyTransposed(b, out, matrix, axis, shape.length);
    }
    return [reshapeLike(b, out, input)];
  },
});

const whole: readonly [number, number] = [0, 1];

function interpolationOf(node: Node): Interpolation {
  return {
    mode: stringAttribute(node, 'mode', 'nearest') as Interpolation['mode'],
    coordinates: stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel'),
    nearestMode: stringAttribute(node, 'nearest_mode', 'round_prefer_floor'),
    cubicCoefficient: floatAttribute(node, 'cubic_coeff_a', -0.75),
    excludeOutside: intAttribute(node, 'exclude_outside', 0) === 1,
    antialias: intAttribute(node, 'antialias', 0) === 1,
  };
}

/** The axes that scales, sizes and the region are given for. */
function axesOf(node: Node, rank: number): number[] {
  const given = intsAttribute(node, 'axes') ?? Array.from({ length: rank }, (_, i) => i);
  return given.map((a) => normalizeAxis(a, rank));
}

/** The axis's part of the region: all starts, then all ends. Undefined where it is no constant. */
function regionOf(
  b: GraphBuilder,
  node: Node,
  roi: string,
  axis: number,
  rank: number,
): readonly [number, number] | undefined {
  const axes = axesOf(node, rank);
  const at = axes.indexOf(axis);
  if (at < 0) return whole;
  const constant = b.constantValue(roi);
  if (constant === undefined) return undefined;
  const values = numbers(constant);
  const start = values[at] as number;
  const end = values[axes.length + at] as number;
  return start === 0 && end === 1 ? whole : [start, end];
}

/** Sizes, scale and region of an axis as the run finds them. */
function axisAtRun(b: GraphBuilder, node: Node, axis: number, crops: boolean): AxisAtRun {
  const [input = '', roi = '', scales = '', sizes = ''] = node.inputs;
  const axes = axesOf(node, b.shape(input)?.length ?? 0);
  const at = axes.indexOf(axis);
  const element = (of: string, i: number): string => b.op('Gather', [of, b.scalar(i, 'int64')]);
  const inputs = element(shapeOf(b, input), axis);
  const outputs = element(b.op('Shape', [node.outputs[0]]), axis);
  const real = (x: string): string => castTo(b, x, 'float32');
  const region = crops
    ? ([real(element(roi, at)), real(element(roi, axes.length + at))] as const)
    : undefined;
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  let scale: string;
  if (sizes === '') scale = element(scales, at);
  else if (policy === 'stretch') scale = div(b, real(outputs), real(inputs));
  else {
    const ratios = div(b, real(sizes), real(b.op('Gather', [shapeOf(b, input), b.ints(axes)])));
    const reduce = policy === 'not_larger' ? 'ReduceMin' : 'ReduceMax';
    scale = b.op(reduce, [ratios], { keepdims: 0 });
  }
  return { inputs, outputs, scale, region };
}
