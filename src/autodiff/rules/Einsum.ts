import type { GraphBuilder } from '../../onnx/index.ts';
import { onnxType, parseEinsum, stringAttribute } from '../../onnx/index.ts';
import { shapeOf } from '../emit.ts';
import { shapeKnown, zerosOf } from '../indexing.ts';
import { defineRule } from '../rule.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/**
 * The equation with dy in the operand's place: for `ij,jk->ik` the first operand's gradient is `ik,jk->ij`.
 * A label that stands in that operand alone was summed: dy is repeated along it. A label that stands twice in it
 * takes a diagonal: an identity matrix puts dy back on it.
 */
export const einsum = defineRule({
  op: 'Einsum',
  since: 12,
  inputs: ['Inputs...'],
  backward: ({ b, node, x, dy, needs }) => {
    const ranks = x.map((name) => shapeKnown(b, name).length);
    const terms = parseEinsum(stringAttribute(node, 'equation', ''), ranks);
    const names = new Map<string, string>();
    for (const label of terms.inputs.flat())
      if (!names.has(label)) names.set(label, letters[names.size] as string);
    const write = (labels: readonly string[]): string => labels.map((l) => names.get(l)).join('');
    return x.map((name, i) => {
      if (!needs(i)) return undefined;
      const own = terms.inputs[i] as readonly string[];
      const others = terms.inputs.filter((_, j) => j !== i);
      const known = new Set([...terms.output, ...others.flat()]);
      const operands = [dy[0] as string, ...x.filter((_, j) => j !== i)];
      const equation = [write(terms.output), ...others.map(write)];
      let fresh = names.size;
      let result = '';
      const missing: number[] = [];
      for (const [axis, label] of own.entries()) {
        const first = own.indexOf(label);
        if (first < axis) {
          const second = letters[fresh++] as string;
          operands.push(identity(b, name, axis));
          equation.push(`${names.get(label)}${second}`);
          result += second;
        } else if (known.has(label)) result += names.get(label);
        else if (own.lastIndexOf(label) > axis) {
          operands.push(identity(b, name, axis));
          equation.push(`${names.get(label)}${letters[fresh]}`);
          fresh++;
          result += names.get(label);
        } else missing.push(axis);
      }
      const out = b.op('Einsum', operands, { equation: `${equation.join()}->${result}` });
      return missing.length === 0 ? out : b.op('Unsqueeze', [out, b.ints(missing)]);
    });
  },
});

/** The identity matrix of the size of one axis of `x`. */
function identity(b: GraphBuilder, x: string, axis: number): string {
  const size = b.shape(x)?.[axis];
  const sizes =
    typeof size === 'number' ? b.ints([size, size]) : b.op('Gather', [shapeOf(b, x), b.ints([axis, axis])]);
  return b.op('EyeLike', [zerosOf(b, x, sizes)], { dtype: onnxType(b.dtype(x)) });
}
