import { intAttribute, stringAttribute } from '../../onnx/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { spatialSizes } from '../conv/geometry.ts';
import { add, expandLike, mul, reduceSum, reshapeLike, zerosLike } from '../emit.ts';
import { defineRule } from '../rule.ts';
import type { Sampling } from '../sample/taps.ts';
import { tapsOf } from '../sample/taps.ts';

/**
 * Each sample is Σ over taps of wy·wx·x[iy, ix]: dx scatters dy·wy·wx to the taps' pixels, and the grid takes
 * dy·x[iy, ix] times the weights' derivatives.
 */
export const gridSample = defineRule({
  op: 'GridSample',
  since: 16,
  inputs: ['X', 'grid'],
  remarks: 'two spatial axes; the grid of mode nearest takes 0',
  backward: ({ b, node, x, dy, needs }) => {
    const [image, grid] = x as [string, string];
    const sizes = spatialSizes(b, node, image);
    if (sizes.length !== 2)
      throw new AdvarenaError('NO_GRADIENT', 'GridSample has a gradient for two spatial axes only.', {
        where: `node ${node.name}`,
        remedy: 'Pass a rule for it in overrides.',
      });
    const [height, width] = sizes as [number, number];
    const common = {
      mode: stringAttribute(node, 'mode', 'linear').replace(/^bi/, '') as Sampling['mode'],
      padding: stringAttribute(node, 'padding_mode', 'zeros'),
      alignCorners: intAttribute(node, 'align_corners', 0) === 1,
    };
    const axis = (k: number): string =>
      b.op('Reshape', [b.op('Gather', [grid, b.ints([k])], { axis: -1 }), b.ints([0, -1])]);
    const columns = tapsOf(b, axis(0), { size: width, ...common });
    const rows = tapsOf(b, axis(1), { size: height, ...common });
    const channels = b.shape(image)?.[1];
    const lead = typeof channels === 'number' ? [0, channels, -1] : [0, 0, -1];
    const pixels = b.op('Reshape', [image, b.ints(lead)]);
    const d = b.op('Reshape', [dy[0], b.ints(lead)]);
    // Weights are [N, P], but one number where every sample takes a pixel whole.
    const spread = (v: string): string =>
      b.shape(v)?.length === 0 ? v : b.op('Unsqueeze', [v, b.ints([1])]);

    let dx = needs(0) ? zerosLike(b, pixels) : undefined;
    let byColumn: string | undefined;
    let byRow: string | undefined;
    for (const row of rows)
      for (const column of columns) {
        const flat = add(b, mul(b, row.index, b.scalar(width, 'int64')), column.index);
        const at = expandLike(b, spread(flat), d);
        if (dx !== undefined) {
          const share = mul(b, d, spread(mul(b, row.weight, column.weight)));
          dx = b.op('ScatterElements', [dx, at, share], { axis: 2, reduction: 'add' });
        }
        if (!needs(1) || row.slope === undefined || column.slope === undefined) continue;
        const value = b.op('GatherElements', [pixels, at], { axis: 2 });
        const sum = reduceSum(b, mul(b, d, value), [1], false);
        const plus = (total: string | undefined, part: string): string =>
          total === undefined ? part : add(b, total, part);
        byColumn = plus(byColumn, mul(b, sum, mul(b, row.weight, column.slope)));
        byRow = plus(byRow, mul(b, sum, mul(b, row.slope, column.weight)));
      }
    let dGrid: string | undefined;
    if (byColumn !== undefined && byRow !== undefined) {
      const last = [byColumn, byRow].map((v) => b.op('Unsqueeze', [v, b.ints([2])]));
      dGrid = reshapeLike(b, b.op('Concat', last, { axis: 2 }), grid);
    }
    return [dx === undefined ? undefined : reshapeLike(b, dx, image), dGrid];
  },
});
