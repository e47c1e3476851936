import { numbers } from '../../tensor/index.ts';
import { tensorAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { contentsLimit, lengthOf } from '../parameters.ts';

export const constantOfShape = defineOp({
  op: 'ConstantOfShape',
  inputs: [1, 1],
  infer: (c) => {
    const rank = lengthOf(c, 0);
    return [
      {
        dtype: tensorAttribute(c.node, 'value')?.dtype ?? 'float32',
        shape:
          c.contents(0) ?? (rank === undefined ? undefined : Array.from({ length: rank }, () => c.fresh())),
      },
    ];
  },
  contents: (c) => {
    const value = tensorAttribute(c.node, 'value');
    const size = c.ints(0)?.reduce((a, d) => a * d, 1);
    if (size === undefined || size > contentsLimit) return undefined;
    if (value?.dtype !== 'int64' && value?.dtype !== 'int32') return undefined;
    const fill = numbers(value)[0] as number;
    return Array.from({ length: size }, () => fill);
  },
});
