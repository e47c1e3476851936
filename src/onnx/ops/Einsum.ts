import { parseEinsum } from '../einsum.ts';
import type { Dim } from '../graph.ts';
import { stringAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const einsum = defineOp({
  op: 'Einsum',
  inputs: [1, Number.POSITIVE_INFINITY],
  infer: (c) => {
    const shapes = c.node.inputs.flatMap((_, i) => {
      const shape = c.shape(i);
      return shape === undefined ? [] : [shape];
    });
    if (shapes.length < c.node.inputs.length) return [{ dtype: c.dtype(0), shape: undefined }];
    const terms = parseEinsum(
      stringAttribute(c.node, 'equation', ''),
      shapes.map((s) => s.length),
    );
    const sizes = new Map<string, Dim>();
    for (const [i, labels] of terms.inputs.entries())
      for (const [axis, label] of labels.entries()) {
        const size = shapes[i]?.[axis] as Dim;
        const before = sizes.get(label);
        if (before === undefined || before === 1 || (typeof before === 'string' && typeof size === 'number'))
          sizes.set(label, size === 1 && before !== undefined ? before : size);
        else if (typeof before === 'number' && typeof size === 'number' && size !== 1 && size !== before)
          throw new Error(`the label "${label}" has sizes ${before} and ${size}`);
      }
    return [{ dtype: c.dtype(0), shape: terms.output.map((l) => sizes.get(l) ?? c.fresh()) }];
  },
});
