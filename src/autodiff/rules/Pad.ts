import { concrete, normalizeAxis, stringAttribute } from '../../onnx/index.ts';
import { unknownSize } from '../conv/geometry.ts';
import { neg, reduceSum, sub } from '../emit.ts';
import { adjoint } from '../linear/axis-matrix.ts';
import { padMatrix } from '../linear/pad-matrix.ts';
import { defineRule } from '../rule.ts';

/** Constant padding is undone by the opposite amounts; what was copied from the input goes back to its source. */
export const pad = defineRule({
  op: 'Pad',
  inputs: ['data', '', 'constant_value'],
  remarks: 'every mode; a computed amount in mode constant only',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, pads] = x as [string, string];
    const axesInput = x[3] ?? '';
    const d = dy[0] as string;
    const mode = stringAttribute(node, 'mode', 'constant');
    const amounts = concrete(b.contents(pads));
    if (mode === 'constant') {
      const opposite = amounts === undefined ? neg(b, pads) : b.ints(amounts.map((p) => -p));
      const dx = b.op('Pad', [d, opposite, undefined, axesInput === '' ? undefined : axesInput]);
      const type = b.type(input);
      if (type !== undefined) b.declare(dx, { dtype: b.dtype(d), shape: type.shape });
      // The value's gradient is what the input does not get.
      return [needs(0) ? dx : undefined, undefined, needs(2) ? padding(b, d, dx) : undefined];
    }
    const shape = b.shape(input);
    const axes = axesInput === '' ? shape?.map((_, i) => i) : concrete(b.contents(axesInput));
    if (amounts === undefined || shape === undefined || axes === undefined) throw unknownSize(node, input);
    const matrices = new Map<number, ReturnType<typeof padMatrix>>();
    for (const [i, a] of axes.entries()) {
      const axis = normalizeAxis(a, shape.length);
      const before = amounts[i] as number;
      const after = amounts[axes.length + i] as number;
      const size = shape[axis];
      if (before === 0 && after === 0) continue;
      if (typeof size !== 'number') throw unknownSize(node, input);
      matrices.set(axis, padMatrix(mode as 'reflect' | 'edge' | 'wrap', size, before, after));
    }
    return [adjoint(b, node, d, matrices)];
  },
});

function padding(b: Parameters<typeof reduceSum>[0], d: string, dx: string): string {
  return sub(b, reduceSum(b, d, undefined, false), reduceSum(b, dx, undefined, false));
}
