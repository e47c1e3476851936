import type { AttributeInput } from '../../../src/onnx/index.ts';
import { float, onnxType } from '../../../src/onnx/index.ts';
import type { AnyTensor, Tensor } from '../../../src/tensor/index.ts';
import { asBytes, between, kept, one, result, scaled, small, z } from '../between.ts';
import type { Case } from '../case.ts';
import { bools, bytes, c, f, int32s, positive, r, s, whole } from '../values.ts';

type Attributes = Record<string, AttributeInput>;

const two = (op: string): Case[] => [
  between(
    op,
    [small([2, 1, 3]), one, z(), small([4, 1]), one, z(), one, z(90)],
    {},
    { quantised: [0, 3], result },
  ),
  // A zero point that is left out is 0.
  between(
    op,
    [whole([2, 3], 102, 106), one, z(), whole([3], 102, 106), one, z(), one],
    {},
    { quantised: [], before: asBytes([0, 3]), result: [1, 0] },
  ),
];

/** Always with zero points: the runtime ends where they are left out. */
const unary = (op: string, x: Tensor, attributes: Attributes, step: number, more: Partial<Case> = {}): Case =>
  between(op, [x, one, z(), s(step), z(90)], attributes, {
    quantised: [0],
    result: [step, 90],
    aside: ['X_zero_point', 'Y_zero_point', 'x_zero_point'],
    ...more,
  });

export const quantised: readonly Case[] = [
  between(
    'MatMulInteger',
    [small([2, 3, 4]), small([4, 2]), z(), z()],
    {},
    { quantised: [0, 1], result: [1, 0] },
  ),
  between('QLinearMatMul', scaled(small([2, 3]), small([3, 4])), {}, { quantised: [0, 3], result }),
  c(
    'DynamicQuantizeLinear',
    [r([2, 3])],
    {},
    { outputs: 3, loose: 'slope', after: (b, names) => [b.op('DequantizeLinear', names)] },
  ),
  between(
    'MatMulInteger',
    [whole([3, 4], 2, 6), whole([4, 2], 2, 6)],
    {},
    { quantised: [], before: asBytes([0, 1]), result: [1, 0] },
  ),
  ...two('com.microsoft.QLinearAdd'),
  ...two('com.microsoft.QLinearMul'),
  unary('com.microsoft.QLinearLeakyRelu', f([-8, -5, 5, 9]), { alpha: float(0.25) }, 0.25),
  unary('com.microsoft.QLinearSigmoid', f([-3, -1, 0, 2]), {}, 1 / 150, { loose: 'slope' }),
  ...[0, 1, -2].map((axis) =>
    unary('com.microsoft.QLinearSoftmax', small([3, 2, 2]), { axis, opset: 13 }, 1 / 150, { loose: 'slope' }),
  ),
  between(
    'com.microsoft.QLinearWhere',
    [bools([1, 0, 1, 0], [4, 1]), small([2, 1, 3]), one, z(), small([4, 3]), one, z(), one, z(90)],
    {},
    { quantised: [1, 4], result: [1, 90] },
  ),
  ...[1, -1].map((axis) =>
    between(
      'com.microsoft.QLinearConcat',
      [one, z(90), small([2, 3]), one, z(), small([2, 3]), one, z()],
      { axis },
      { quantised: [2, 5], result: [1, 90] },
    ),
  ),
  between(
    'com.microsoft.QGemm',
    [small([3, 2]), one, z(), small([4, 3]), one, z(), int32s([4, 2, -2, 6]), s(0.5), z(90)],
    { transA: 1, transB: 1, alpha: float(0.5) },
    { quantised: [0, 3], result: [0.5, 90] },
  ),
  between(
    'com.microsoft.QGemm',
    [small([2, 3]), one, z(), small([3, 4]), one, z()],
    {},
    { quantised: [0, 3] },
  ),
  between(
    'com.microsoft.MatMulIntegerToFloat',
    [small([2, 3]), small([3, 4]), one, one, z(), z(), r([4])],
    {},
    { quantised: [0, 1] },
  ),
  between(
    'com.microsoft.MatMulIntegerToFloat',
    [whole([2, 3], 2, 6), whole([3, 4], 2, 6), one, one],
    {},
    { quantised: [], before: asBytes([0, 1]) },
  ),
  c(
    'com.microsoft.DynamicQuantizeMatMul',
    [r([2, 3]), bytes([3, 200, 91, 7, 17, 90], [3, 2]), s(0.02), z(), r([2])],
    {},
    { fixed: [2], loose: 'slope' },
  ),
  c(
    'com.microsoft.DynamicQuantizeMatMul',
    [r([2, 3]), bytes([3, 200, 91, 7, 17, 90], [3, 2]), s(0.02)],
    {},
    { fixed: [2], loose: 'slope' },
  ),
  ...[4, 8].flatMap((bits): Case[] => {
    const packed = (shape: readonly number[]): AnyTensor => bytes(whole(shape, 0, 255).data as never, shape);
    const attributes = { K: 40, N: 5, block_size: 16, ...(bits !== 4 && { bits }) };
    const weight = packed([5, 3, 2 * bits]);
    const zeros = packed([5 * Math.ceil((3 * bits) / 8)]);
    return [
      c(
        'com.microsoft.MatMulNBits',
        [r([2, 40]), weight, positive([15]), zeros, undefined, r([5])],
        attributes,
        { fixed: [2] },
      ),
      c('com.microsoft.MatMulNBits', [r([2, 40]), weight, positive([15])], attributes, { fixed: [2] }),
    ];
  }),
  ...['', 'com.microsoft.'].flatMap((domain): Case[] => {
    const q = bytes([3, 200, 91, 7], [2, 2]);
    const zeros = bytes([100, 90]);
    const scales = (): Tensor => f([0.5, 0.25]);
    const x = (): Tensor => small([2, 2]);
    const line = (attributes: Attributes): Case[] => [
      c(`${domain}DequantizeLinear`, [q, positive([2]), zeros], attributes),
      between(`${domain}QuantizeLinear`, [x(), scales(), zeros], attributes, {
        quantised: [],
        before: kept,
        result: [1, 0],
        fixed: [1],
      }),
    ];
    return [
      ...line({ axis: 0 }),
      ...line({ axis: -2 }),
      c(`${domain}DequantizeLinear`, [q, s(0.1)]),
      between(
        `${domain}QuantizeLinear`,
        [whole([2, 3], 2, 9), s(0.5)],
        {},
        { quantised: [], before: kept, result: [1, 0], fixed: [1] },
      ),
    ];
  }),
  c('DequantizeLinear', [bytes([3, 200, 91]), s(0.1), z()], {}, { opset: 10 }),
  between(
    'QuantizeLinear',
    [small([3]), s(0.5), z()],
    {},
    { quantised: [], before: kept, result: [1, 0], fixed: [1], opset: 10 },
  ),
  between(
    'QuantizeLinear',
    [small([3]), s(0.5), z()],
    {},
    { quantised: [], before: kept, result: [1, 0], fixed: [1], opset: 19 },
  ),
  between(
    'QuantizeLinear',
    [small([3]), s(0.5), z()],
    {},
    { quantised: [], before: kept, result: [1, 0], fixed: [1], opset: 23 },
  ),
  c('DequantizeLinear', [bytes([3, 200, 91]), s(0.1), z()], {}, { opset: 23 }),
  between(
    'QuantizeLinear',
    [small([2, 4]), f([0.5, 0.25, 1, 0.5], [2, 2])],
    { axis: -1, block_size: 2, output_dtype: onnxType('int16') },
    { quantised: [], before: kept, result: [1, 0], fixed: [1], opset: 21, aside: ['axis'] },
  ),
  between(
    'DequantizeLinear',
    [small([4, 2]), f([0.5, 0.25, 1, 0.5], [2, 2])],
    { axis: 0, block_size: 2 },
    { quantised: [0], opset: 21, aside: ['axis'] },
  ),
];
