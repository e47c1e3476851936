import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { concrete, intAttribute, windowsOf } from '../../onnx/index.ts';
import { tensor } from '../../tensor/index.ts';
import { add, castTo, mul, scale, sub } from '../emit.ts';
import { rewriteRule } from '../rule.ts';

/** The image sampled where the offsets say (GridSample), once per tap of the kernel, times the weights (MatMul). */
export const deformConv = rewriteRule({
  op: 'DeformConv',
  since: 19,
  needs: 'two spatial axes and all sizes but the batch',
  rewrite: ({ b, node }) => {
    const [x = '', weight = '', offset = '', bias = '', mask = ''] = node.inputs;
    const image = concrete(b.shape(x)?.slice(1));
    const kernel = b.sizes(weight);
    const output = concrete(b.shape(node.outputs[0] as string)?.slice(2));
    if (image?.length !== 3 || kernel === undefined || output === undefined) return undefined;
    const [channels] = image as [number];
    const [outputs, perGroup, rows, columns] = kernel as [number, number, number, number];
    const group = channels / perGroup;
    const parts = intAttribute(node, 'offset_group', 1);
    const taps = rows * columns;
    const places = output.reduce((a, d) => a * d, 1);
    const grids = sampleGrids(b, node, offset, { image, kernel: [rows, columns], output, parts });
    if (grids === undefined) return undefined;
    const share = channels / parts;
    const sampled = grids.map((grid, i) => {
      const own =
        parts === 1 ? x : b.op('Slice', [x, ...[i * share, (i + 1) * share, 1].map((n) => b.ints([n]))]);
      const values = b.op('GridSample', [own, grid], { mode: b.opset() < 20 ? 'bilinear' : 'linear' });
      if (mask === '') return values;
      const factors = b.op('Slice', [mask, ...[i * taps, (i + 1) * taps, 1].map((n) => b.ints([n]))]);
      return mul(b, values, b.op('Reshape', [factors, b.ints([0, 1, taps, places])]));
    });
    const all = sampled.length === 1 ? (sampled[0] as string) : b.op('Concat', sampled, { axis: 1 });
    const matrix = b.op('Reshape', [all, b.ints([0, group, perGroup * taps, places])]);
    const weights = b.op('Reshape', [weight, b.ints([group, outputs / group, perGroup * taps])]);
    const product = b.op('MatMul', [weights, matrix]);
    const shape = b.ints([0, outputs, ...output]);
    const made = { ...node, op: 'Reshape', inputs: [product, shape], attributes: {} };
    if (bias === '') return [made];
    const shaped = b.op('Reshape', [product, shape]);
    const column = b.op('Reshape', [bias, b.ints([1, outputs, 1, 1])]);
    return [{ ...made, op: 'Add', inputs: [shaped, column] }];
  },
});

interface Sizes {
  readonly image: readonly number[];
  readonly kernel: readonly [number, number];
  readonly output: readonly number[];
  /** Groups of channels with offsets of their own. */
  readonly parts: number;
}

/** For each group of channels the grid [N, taps, places, 2] of GridSample: x, then y, in [-1, 1] at the outer edges. */
function sampleGrids(b: GraphBuilder, node: Node, offset: string, s: Sizes): string[] | undefined {
  const [, height, width] = s.image as [number, number, number];
  const windows = windowsOf(node, s.kernel, [height, width]);
  if (windows === undefined) return undefined;
  const taps = s.kernel[0] * s.kernel[1];
  const [high, wide] = s.output as [number, number];
  const apart = b.op('Reshape', [offset, b.ints([0, s.parts, taps, 2, high * wide])]);
  const base = (axis: 0 | 1): string => {
    const data = new Float32Array(taps * high * wide);
    for (let i = 0; i < data.length; i++) {
      const [tap, place] = [Math.floor(i / (high * wide)), i % (high * wide)];
      const k = axis === 0 ? Math.floor(tap / s.kernel[1]) : tap % s.kernel[1];
      const o = axis === 0 ? Math.floor(place / wide) : place % wide;
      const stride = windows.strides[axis] as number;
      data[i] = o * stride - (windows.begin[axis] as number) + k * (windows.dilations[axis] as number);
    }
    return castTo(b, b.constant(tensor(data, [taps, high * wide], 'float32')), b.dtype(offset));
  };
  const coordinate = (part: number, axis: 0 | 1): string => {
    const group = b.op('Gather', [apart, b.scalar(part, 'int64')], { axis: 1 });
    const moved = add(b, b.op('Gather', [group, b.scalar(axis, 'int64')], { axis: 2 }), base(axis));
    const size = axis === 0 ? height : width;
    const normal = sub(b, scale(b, moved, 2 / size), b.scalar(1 - 1 / size, b.dtype(offset)));
    return b.op('Unsqueeze', [normal, b.ints([3])]);
  };
  return Array.from({ length: s.parts }, (_, part) =>
    b.op('Concat', [coordinate(part, 1), coordinate(part, 0)], { axis: 3 }),
  );
}
