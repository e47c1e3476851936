import { multiplyDims } from '../dims.ts';
import type { Dim, Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { lengthOf } from '../parameters.ts';

export const concat = defineOp({
  op: 'Concat',
  inputs: [1, Number.POSITIVE_INFINITY],
  infer: (c) => [{ dtype: c.dtype(0), shape: joined(c) }],
  contents: (c) => {
    const out: Dim[] = [];
    let known = false;
    for (let i = 0; i < c.node.inputs.length; i++) {
      const length = lengthOf(c, i);
      if (length === undefined || length > 64 || !['int64', 'int32'].includes(c.dtype(i))) return undefined;
      const part = c.contents(i);
      known ||= part !== undefined;
      // One computed size must not hide the batch symbol beside it.
      out.push(...(part ?? Array.from({ length }, () => c.fresh())));
    }
    return known ? out : undefined;
  },
});

function joined(c: InferContext): Shape | undefined {
  const shapes = c.node.inputs.map((_, i) => c.shape(i));
  const first = shapes.find((s) => s !== undefined);
  if (first === undefined) return undefined;
  const axis = normalizeAxis(intAttribute(c.node, 'axis', 1), first.length);
  for (const s of shapes)
    if (s !== undefined && s.length !== first.length)
      throw new Error(
        `shapes [${first.join(', ')}] and [${s.join(', ')}] cannot be joined: their ranks differ`,
      );
  return first.map((_, i): Dim => {
    const sizes = shapes.map((s) => s?.[i]);
    if (i === axis) return sum(sizes) ?? c.fresh();
    const numbers = sizes.filter((d) => typeof d === 'number');
    if (numbers.some((d) => d !== numbers[0]))
      throw new Error(`axis ${i} has sizes ${numbers.join(' and ')}: the tensors cannot be joined`);
    return (
      numbers[0] ?? sizes.find((d) => typeof d === 'string' && !d.includes('?')) ?? sizes[0] ?? c.fresh()
    );
  });
}

/** Sum where it can be written: of numbers, or of one symbol several times. */
function sum(sizes: readonly (Dim | undefined)[]): Dim | undefined {
  let total = 0;
  const symbols: string[] = [];
  for (const d of sizes) {
    if (d === undefined) return undefined;
    if (typeof d === 'number') total += d;
    else symbols.push(d);
  }
  if (symbols.length === 0) return total;
  if (total > 0 || symbols.some((s) => s !== symbols[0])) return undefined;
  return multiplyDims([symbols.length, symbols[0] as string]);
}
