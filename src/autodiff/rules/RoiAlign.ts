import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { floatAttribute, intAttribute, nodeLabel, stringAttribute } from '../../onnx/index.ts';
import type { DType } from '../../tensor/index.ts';
import { AdvarenaError, tensor } from '../../tensor/index.ts';
import { spatialSizes } from '../conv/geometry.ts';
import { add, castTo, div, mask, mul, reduceSum, scale, sub } from '../emit.ts';
import { scatterAlong } from '../indexing.ts';
import { swapLast } from '../product.ts';
import { defineRule } from '../rule.ts';

/**
 * Each output channel is Y·x·Xᵀ with matrices of sampling weights along the two axes, one pair per region: the
 * features take Yᵀ·dy·X, added up over the regions of an image.
 */
export const roiAlign = defineRule({
  op: 'RoiAlign',
  since: 10,
  remarks: 'a gradient by the regions, mode max and sampling_ratio 0 are refused',
  backward: ({ b, node, x, dy }) => {
    const [features, regions, images] = x as [string, string, string];
    const samples = intAttribute(node, 'sampling_ratio', 0);
    if (samples < 1 || stringAttribute(node, 'mode', 'avg') !== 'avg')
      throw new AdvarenaError(
        'NO_GRADIENT',
        'RoiAlign has a gradient for averages of a fixed sampling_ratio only.',
        {
          where: `node ${nodeLabel(node)}`,
          remedy:
            'Export the model with mode avg and a sampling_ratio of 1 or more, or pass a rule for it in overrides.',
        },
      );
    const [height, width] = spatialSizes(b, node, features) as [number, number];
    const d = dy[0] as string;
    const of = (axis: 'height' | 'width', size: number): string =>
      weights(b, node, regions, axis, { size, samples, dtype: b.dtype(d) });
    const rows = swapLast(b, of('height', height));
    const spread = b.op('MatMul', [rows, b.op('MatMul', [d, of('width', width)])]);
    return [scatterAlong(b, features, images, spread, 0)];
  },
});

/** Weight of each of `size` pixels in each of the outputs along an axis: [R, 1, outputs, size]. */
function weights(
  b: GraphBuilder,
  node: Node,
  regions: string,
  axis: 'height' | 'width',
  { size, samples, dtype }: { size: number; samples: number; dtype: DType },
): string {
  const outputs = intAttribute(node, `output_${axis}`, 1);
  const centred = stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const number = (v: number): string => b.scalar(v, dtype);
  const side = (column: number): string => {
    const edge = castTo(b, b.op('Gather', [regions, b.ints([column])], { axis: 1 }), dtype);
    const scaled = scale(b, edge, floatAttribute(node, 'spatial_scale', 1));
    return centred ? sub(b, scaled, number(0.5)) : scaled;
  };
  const [first, last] = axis === 'height' ? [side(1), side(3)] : [side(0), side(2)];
  const extent = sub(b, last, first);
  const bin = scale(b, centred ? extent : b.op('Max', [extent, number(1)]), 1 / outputs);
  const vector = (values: number[], shape: number[]): string =>
    castTo(b, b.constant(tensor(Float32Array.from(values), shape, 'float32')), dtype);
  // Sample s of output o lies (o + (s + ½) / samples) bins from the first edge.
  const places = Array.from({ length: outputs * samples }, (_, i) => (i + 0.5) / samples);
  const at = add(b, first, mul(b, bin, vector(places, [1, places.length])));
  const valid = mul(
    b,
    mask(b, b.op('GreaterOrEqual', [at, number(-1)]), at),
    mask(b, b.op('LessOrEqual', [at, number(size)]), at),
  );
  const inside = b.op('Unsqueeze', [b.op('Clip', [at, number(0), number(size - 1)]), b.ints([2])]);
  const pixels = vector(
    Array.from({ length: size }, (_, i) => i),
    [1, 1, size],
  );
  const hat = b.op('Relu', [sub(b, number(1), b.op('Abs', [sub(b, inside, pixels)]))]);
  const each = mul(b, hat, b.op('Unsqueeze', [valid, b.ints([2])]));
  const grouped = b.op('Reshape', [each, b.ints([0, outputs, samples, size])]);
  const mean = div(b, reduceSum(b, grouped, [2], false), number(samples));
  return b.op('Unsqueeze', [mean, b.ints([1])]);
}
