import { int64, tensor } from '../../tensor/index.ts';
import { mul } from '../emit.ts';
import { shapeKnown, unknownShape } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** d det(A) / dA is the matrix of cofactors, taken as determinants of minors: right for singular A too. */
export const det = defineRule({
  op: 'Det',
  since: 11,
  backward: ({ b, x, dy }) => {
    const shape = shapeKnown(b, x[0] as string);
    const rank = shape.length;
    const size = shape.at(-1);
    if (typeof size !== 'number')
      throw unknownShape(`The gradient of Det needs the size of "${x[0]}".`, x[0] as string);
    const spread = b.op('Unsqueeze', [dy[0], b.ints([rank - 2, rank - 1])]);
    if (size === 1) return [spread];
    const kept = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (__, j) => j).toSpliced(i, 1),
    );
    const index = b.constant(int64(kept.flat(), [size, size - 1]), 'minors');
    const withoutRow = b.op('Gather', [x[0], index], { axis: rank - 2 });
    const without = b.op('Gather', [withoutRow, index], { axis: rank });
    const batch = Array.from({ length: rank - 2 }, (_, i) => i);
    const minors = b.op('Transpose', [without], {
      perm: [...batch, rank - 2, rank, rank - 1, rank + 1],
    });
    const signs = kept.flatMap((_, i) => kept.map((__, j) => ((i + j) % 2 === 0 ? 1 : -1)));
    const sign = b.op('CastLike', [
      b.constant(tensor(Float32Array.from(signs), [size, size], 'float32'), 'signs'),
      dy[0],
    ]);
    return [mul(b, spread, mul(b, b.op('Det', [minors]), sign))];
  },
});
