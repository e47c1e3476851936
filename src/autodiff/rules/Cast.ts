import { onnxType } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';

const floats = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * The identity, in the input's type; the gradient of an integer tensor stays in the type it comes in, and so does that
 * of a tensor cast to float16 and back, in which it would underflow.
 */
export const cast = defineRule({
  op: 'Cast',
  remarks: 'ends where a float becomes an integer',
  backward: ({ b, x, dy }) => {
    const g = dy[0] as string;
    const dtype = b.dtype(x[0] as string);
    if (dtype === b.dtype(g) || !floats.has(dtype)) return [g];
    if (dtype === 'float16' && b.maker(x[0] as string)?.op === 'Cast') return [g];
    return [b.op('Cast', [g], { to: onnxType(dtype) })];
  },
});
