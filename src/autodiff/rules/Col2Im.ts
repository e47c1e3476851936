import { intsAttribute } from '../../onnx/index.ts';
import { numbers, tensor } from '../../tensor/index.ts';
import { reshapeLike } from '../emit.ts';
import { unknownShape } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** The columns of dy: a convolution of each channel whose kernels pick one place of the block each. */
export const col2Im = defineRule({
  op: 'Col2Im',
  since: 18,
  backward: ({ b, node, x, dy }) => {
    const value = b.constantValue(x[2] as string);
    const image = b.shape(dy[0] as string);
    if (value === undefined || image === undefined)
      throw unknownShape(`The gradient of Col2Im needs the block "${x[2]}" as a constant.`, x[0] as string);
    const block = numbers(value);
    const size = block.reduce((a, d) => a * d, 1);
    const eye = new Float32Array(size * size);
    for (let i = 0; i < size; i++) eye[i * size + i] = 1;
    const weights = b.op('CastLike', [b.constant(tensor(eye, [size, 1, ...block], 'float32')), dy[0]]);
    const sizes = b.op('Concat', [b.ints([-1, 1]), b.op('Shape', [dy[0]], { start: 2 })], { axis: 0 });
    const single = b.op('Reshape', [dy[0], sizes]);
    const columns = b.op('Conv', [single, weights], {
      kernel_shape: block,
      strides: intsAttribute(node, 'strides'),
      pads: intsAttribute(node, 'pads'),
      dilations: intsAttribute(node, 'dilations'),
    });
    return [reshapeLike(b, columns, x[0] as string)];
  },
});
