import { numbers } from '../../tensor/index.ts';
import type { Dim } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp } from '../op.ts';
import { resizePlan } from '../resize.ts';

/** x, region of interest, scales, sizes (opset 10: x, scales). */
export const resize = defineOp({
  op: 'Resize',
  inputs: [1, 4],
  infer: (c) => {
    const x = c.shape(0);
    if (x === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const { output } = resizePlan(c.node, x, scalesOf(c), sizesOf(c));
    return [{ dtype: c.dtype(0), shape: output.map((d) => d ?? c.fresh()) }];
  },
});

function scalesOf(c: InferContext): number[] | undefined {
  const constant = c.constant(c.opset < 11 ? 1 : 2);
  return constant === undefined || constant.data.length === 0 ? undefined : numbers(constant);
}

function sizesOf(c: InferContext): readonly Dim[] | undefined {
  return (c.node.inputs[3] ?? '') === '' ? undefined : (c.contents(3) ?? []);
}
