import { intAttribute, nodeLabel, stringAttribute } from '../../onnx/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { spatialSizes } from '../conv/geometry.ts';
import { add, expandLike, mul, reduceSum, reshapeLike, zerosLike } from '../emit.ts';
import { defineRule } from '../rule.ts';
import type { Sampling, Tap } from '../sample/taps.ts';
import { tapsOf } from '../sample/taps.ts';

/**
 * Each sample is Σ over taps of the product of their weights along the axes times x at the tap: dx scatters dy times
 * that product to the taps' pixels, and the grid takes dy·x times the product with one weight's derivative.
 */
export const gridSample = defineRule({
  op: 'GridSample',
  since: 16,
  inputs: ['X', 'grid'],
  remarks: 'two or three spatial axes, mode cubic two; the grid of mode nearest takes 0',
  backward: ({ b, node, x, dy, needs }) => {
    const [image, grid] = x as [string, string];
    const sizes = spatialSizes(b, node, image);
    if (sizes.length !== 2 && sizes.length !== 3)
      throw new AdvarenaError(
        'NO_GRADIENT',
        'GridSample has a gradient for two and three spatial axes only.',
        {
          where: `node ${nodeLabel(node)}`,
          remedy: 'Pass a rule for it in overrides.',
        },
      );
    const common = {
      mode: stringAttribute(node, 'mode', 'linear').replace(/^bi/, '') as Sampling['mode'],
      padding: stringAttribute(node, 'padding_mode', 'zeros'),
      alignCorners: intAttribute(node, 'align_corners', 0) === 1,
    };
    // The grid has its coordinates in the order of the axes from the last on.
    const taps = sizes.map((size, axis) => {
      const coordinate = b.op('Gather', [grid, b.ints([sizes.length - 1 - axis])], { axis: -1 });
      return tapsOf(b, b.op('Reshape', [coordinate, b.ints([0, -1])]), { size, ...common });
    });
    const channels = b.shape(image)?.[1];
    const lead = typeof channels === 'number' ? [0, channels, -1] : [0, 0, -1];
    const pixels = b.op('Reshape', [image, b.ints(lead)]);
    const d = b.op('Reshape', [dy[0], b.ints(lead)]);
    // Weights are [N, P], but one number where every sample takes a pixel whole.
    const spread = (v: string): string =>
      b.shape(v)?.length === 0 ? v : b.op('Unsqueeze', [v, b.ints([1])]);

    let dx = needs(0) ? zerosLike(b, pixels) : undefined;
    const byAxis: (string | undefined)[] = sizes.map(() => undefined);
    for (const corner of corners(taps)) {
      const flat = corner
        .map((tap) => tap.index)
        .reduce((index, next, axis) => add(b, mul(b, index, b.scalar(sizes[axis] as number, 'int64')), next));
      const at = expandLike(b, spread(flat), d);
      const product = (factors: readonly string[]): string => factors.reduce((p, q) => mul(b, p, q));
      if (dx !== undefined) {
        const share = mul(b, d, spread(product(corner.map((tap) => tap.weight))));
        dx = b.op('ScatterElements', [dx, at, share], { axis: 2, reduction: 'add' });
      }
      if (!needs(1) || corner.some((tap) => tap.slope === undefined)) continue;
      const value = b.op('GatherElements', [pixels, at], { axis: 2 });
      const sum = reduceSum(b, mul(b, d, value), [1], false);
      for (const [axis, total] of byAxis.entries()) {
        const factors = corner.map((tap, i) => (i === axis ? (tap.slope as string) : tap.weight));
        const part = mul(b, sum, product(factors));
        byAxis[axis] = total === undefined ? part : add(b, total, part);
      }
    }
    const found = byAxis.toReversed().filter((part) => part !== undefined);
    const last = found.map((part) => b.op('Unsqueeze', [part, b.ints([2])]));
    return [
      dx === undefined ? undefined : reshapeLike(b, dx, image),
      last.length === 0 ? undefined : reshapeLike(b, b.op('Concat', last, { axis: 2 }), grid),
    ];
  },
});

/** Every choice of one tap per axis. */
function corners(taps: readonly (readonly Tap[])[]): Tap[][] {
  return taps.reduce<Tap[][]>(
    (chosen, next) => chosen.flatMap((corner) => next.map((tap) => [...corner, tap])),
    [[]],
  );
}
