import { intAttribute } from '../../onnx/index.ts';
import type { AnyTensor, Tensor } from '../../tensor/index.ts';
import { numbers, tensor } from '../../tensor/index.ts';
import { castTo } from '../emit.ts';
import { realProduct } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** MatMul with the weight in real numbers, and the bias. */
export const comMicrosoftMatMulNBits = rewriteRule({
  op: 'MatMulNBits',
  domain: 'com.microsoft',
  needs: 'constant weights of 2, 4 or 8 bits, zero points of bytes, and no order of groups',
  rewrite: ({ b, node }) => {
    const [x = '', w = '', scales = '', zeros = '', order = '', bias = ''] = node.inputs;
    const [packed, scale, zero] = [w, scales, zeros].map((name) => b.constantValue(name));
    const bits = intAttribute(node, 'bits', 4);
    if (packed?.dtype !== 'uint8' || scale === undefined || order !== '') return undefined;
    if (![2, 4, 8].includes(bits) || (zeros !== '' && zero?.dtype !== 'uint8')) return undefined;
    const [rows, columns] = [intAttribute(node, 'K', 1), intAttribute(node, 'N', 1)];
    const block = intAttribute(node, 'block_size', 32);
    const weight = b.constant(unpacked({ packed, scale, zero, bits, rows, columns, block }), `${w}_real`);
    return realProduct(b, node, x, castTo(b, weight, b.dtype(x)), bias);
  },
});

interface Packed {
  readonly packed: AnyTensor;
  readonly scale: AnyTensor;
  readonly zero: AnyTensor | undefined;
  readonly bits: number;
  /** K and N: the weight is [rows, columns]. */
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
}

/** (q − zero) · scale of each block along the rows; the lowest bits of a byte come first. */
function unpacked({ packed, scale, zero, bits, rows, columns, block }: Packed): Tensor {
  const [bytes, factors, zeros] = [numbers(packed), numbers(scale), zero && numbers(zero)];
  const each = 8 / bits;
  const bitsAt = (data: readonly number[], start: number, i: number): number =>
    ((data[start + Math.floor(i / each)] as number) >> (bits * (i % each))) & (2 ** bits - 1);
  const blocks = Math.ceil(rows / block);
  const perColumn = Math.ceil(blocks / each);
  const data = new Float32Array(rows * columns);
  for (let n = 0; n < columns; n++)
    for (let k = 0; k < rows; k++) {
      const at = Math.floor(k / block);
      const q = bitsAt(bytes, (n * blocks * block) / each, k);
      const z = zeros === undefined ? 2 ** (bits - 1) : bitsAt(zeros, n * perColumn, at);
      data[k * columns + n] = (q - z) * (factors[n * blocks + at] as number);
    }
  return tensor(data, [rows, columns]);
}
