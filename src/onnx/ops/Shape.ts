import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** Sizes of the axes [start, end), as int64. */
export const shape = defineOp({
  op: 'Shape',
  inputs: [1, 1],
  infer: (c) => {
    const part = sliced(c.shape(0), intAttribute(c.node, 'start', 0), c.node.attributes['end']);
    return [{ dtype: 'int64', shape: [part?.length ?? c.fresh()] }];
  },
  contents: (c) => sliced(c.shape(0), intAttribute(c.node, 'start', 0), c.node.attributes['end']),
});

function sliced<T>(
  shape: readonly T[] | undefined,
  start: number,
  end: { type: string; value: unknown } | undefined,
): readonly T[] | undefined {
  return shape?.slice(start, end?.type === 'int' ? (end.value as number) : undefined);
}
