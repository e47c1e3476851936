import { float } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { apart, bools, bytes, c, f, index, int32s, ints, positive, r, s, split } from '../values.ts';

const x = (): readonly [ReturnType<typeof r>] => [r([2, 3])];
const long = [2, 1, 3];
const high = [4, 1];

const words = (text: string): string[] => text.split(' ');
const smooth = words(
  'Asinh Atan Cos Cosh Erf Exp Identity Mish Neg Sigmoid Sin Sinh Softplus Softsign Tanh com.microsoft.Gelu',
);
const above = words('Log Reciprocal Sqrt');
const within = words('Acos Asin Atanh Tan');
const kinked = words('Abs Ceil Floor HardSwish Relu Round Sign');

export const elementwise: readonly Case[] = [
  // Functions of one number.
  ...smooth.map((op) => c(op, [r([2, 3])])),
  ...above.map((op) => c(op, [positive([2, 3])])),
  ...within.map((op) => c(op, [r([2, 3], -0.8, 0.8)])),
  ...kinked.map((op) => c(op, [f([-1.3, -0.7, 0.3, 0.8, 1.2])])),
  c('Acosh', [r([2, 3], 1.5, 2.5)]),
  c('IsNaN', [f([1, Number.NaN])]),
  c('Not', [bools([1, 0])]),
  c('Size', [r([2, 3])]),
  c('NonZero', [f([1, 0, 2, 3], [2, 2])], {}, { loose: 'shape' }),
  c('Det', [r([2, 3, 3])]),
  c('com.microsoft.BiasGelu', [r([2, 3]), r([3])]),
  c('Celu', [split([2, 3], 0.3, 1.5)], { alpha: float(1.7) }),
  c('Elu', [split([2, 3], 0.3, 1.5)], { alpha: float(1.7) }),
  c('Selu', [split([2, 3], 0.3, 1.5)], { alpha: float(1.2), gamma: float(1.4) }),
  c('LeakyRelu', [split([2, 3], 0.3, 1.5)], { alpha: float(0.2) }),
  c('HardSigmoid', [f([-2.6, -1.85, 0.2, 0.6, 1.5, 3])], { alpha: float(0.3), beta: float(0.6) }),
  c('ThresholdedRelu', [f([-1, 0.3, 0.6, 0.9, 1.2, 3])], { alpha: float(0.5) }),
  c('ThresholdedRelu', [f([-1, 0.3, 0.6, 0.9, 1.2, 3])], { alpha: float(0.5) }, { opset: 9 }),
  c('Shrink', [f([-1.5, -0.6, -0.3, 0.3, 0.6, 1.5])], { lambd: float(0.8), bias: float(0.1) }),
  c('Gelu', [r([3, 4], -3, 3)], {}, { opset: 20 }),
  c('Gelu', [f([-2.6, -2.4, -2.2, 2.2, 2.4])], { approximate: 'tanh' }, { opset: 20 }),
  c('Swish', x(), { alpha: float(1.7) }, { opset: 24 }),
  c('com.microsoft.QuickGelu', x(), { alpha: float(1.2) }),
  c('com.microsoft.FastGelu', [r([2, 3]), r([3])]),
  c('com.microsoft.FastGelu', [r([2, 3])]),
  c('Affine', x(), { alpha: float(2), beta: float(-0.5) }, { opset: 8 }),
  c('ParametricSoftplus', x(), { alpha: float(2), beta: float(0.7) }, { opset: 8 }),
  c('ScaledTanh', x(), { alpha: float(2), beta: float(0.7) }, { opset: 8 }),
  c('Scale', x(), { scale: float(3) }, { opset: 8 }),
  c(
    'ImageScaler',
    [r([2, 3, 2, 2])],
    { scale: float(2), bias: { type: 'floats', value: [1, -2, 0.5] } },
    { opset: 8 },
  ),
  c('IsInf', [f([1, Infinity, -Infinity])], { detect_negative: 0 }),
  c('IsInf', [f([1, Infinity, -Infinity])], { detect_positive: 0 }, { opset: 10 }),

  // Bounds.
  c('Clip', [f([-1, -0.3, 0.3, 0.9])], { min: float(-0.5), max: float(0.5) }, { opset: 10 }),
  c('Clip', [f([-1, -0.3, 0.3, 0.9]), s(-0.5), s(0.5)]),
  c('Clip', [f([-1, -0.3, 0.3, 0.9]), undefined, s(0.5)], {}, { opset: 11 }),
  c('Clip', [f([-1, -0.3, 0.3, 0.9]), s(-0.5)], {}, { opset: 12 }),

  // Operands that are stretched to one shape.
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Mean'].flatMap((op) =>
    [17, 18].map((opset) => c(op, [positive(long), positive(high)], {}, { opset })),
  ),
  c('Max', [f([1, -1, 0.2, -1.6, 0.4, 2], long), f([0.6, -0.3, 0.8, -2], high)]),
  c('Min', [f([1.1, -1, 0.2], [1, 1, 3]), f([0.7, -0.4, 0.5, -2], [2, 2, 1])]),
  c('Mod', [f([2.3, -1.4, 3.6], [1, 1, 3]), f([1, -1.7, 2.1, 2.6], [2, 2, 1])], { fmod: 1 }),
  c('Mod', [int32s([7, -7, 5, -5]), int32s([3, 3, -3, -3])], { fmod: 1 }, { opset: 10 }),
  c('Where', [bools([1, 0, 1, 0], high), r([2, 1, 3]), r([4, 3])], {}, { opset: 9 }),
  c('Where', [bools([1, 0, 1, 0], high), r([2, 1, 3]), r([3])]),
  ...['And', 'Or', 'Xor'].map((op) => c(op, [bools([1, 0], [2, 1]), bools([1, 0, 1], [1, 3])])),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) =>
    c(op, [f([1, 2], [2, 1]), f([1, 2, 3], [1, 3])]),
  ),
  ...['LEFT', 'RIGHT'].map((direction) =>
    c('BitShift', [bytes([9, 6], [2, 1]), bytes([1, 2, 0], [1, 3])], { direction }),
  ),

  // Types.
  c('Cast', x(), { to: 11 }),
  c('Cast', x(), { to: 11 }, { opset: 19 }),
  c('Cast', x(), { to: 11 }, { opset: 24 }),
  c('CastLike', [r([2, 3]), r([1])], {}, { opset: 15 }),
  c('CastLike', [r([2, 3]), r([1])], {}, { opset: 19 }),
  c('CastLike', [r([2, 3]), r([1])], {}, { opset: 24 }),
  c('Dropout', [r([2, 3])], { ratio: float(0.3) }, { opset: 10, aside: ['ratio'] }),
  c('Dropout', [r([2, 3]), s(0.3)], {}, { aside: ['ratio'] }),
  c('Dropout', [r([2, 3]), undefined, bools([0], [])], {}, { aside: ['training_mode'] }),
  c('EyeLike', [r([3, 4])], { k: 1, dtype: 11 }),
  c('EyeLike', [r([3, 4])], { k: -1 }),
  c('ConstantOfShape', [ints([2, 3])], { value: { type: 'tensor', value: ints([7]) } }),
  c('ConstantOfShape', [ints([2, 3])]),
  ...['RandomNormalLike', 'RandomUniformLike'].map((op) =>
    c(op, [r([2, 3])], { dtype: 11 }, { loose: 'draws' }),
  ),
  ...['RandomNormal', 'RandomUniform'].map((op) =>
    c(op, [], { shape: [2, 3], dtype: 11 }, { loose: 'draws' }),
  ),
  c('Bernoulli', [f([0, 1, 1, 0])], { dtype: 11 }, { loose: 'draws' }),
  c('Multinomial', [f([-200, 0, -200, 0, -200, -200], [2, 3])], { dtype: 7, sample_size: 4 }, { opset: 18 }),
  c('PRelu', [split([2, 3], 0.3, 1), r([3])]),
  c('Gemm', [r([4, 3]), r([2, 4]), r([3, 1])], { transA: 1, transB: 1, alpha: float(0.7), beta: float(1.3) }),
  c('Gemm', [r([3, 4]), r([4, 2]), s(0.3)], {}, { opset: 7 }),
  c('Gemm', [r([3, 4]), r([4, 2])], { alpha: float(0.7) }, { opset: 11 }),
  c('Gemm', [r([3, 4]), r([4, 2]), r([2])], { alpha: float(0.7), beta: float(0.5) }, { opset: 13 }),
  c('MatMul', [r([2, 1, 3, 4]), r([3, 4, 2])]),
  c('Einsum', [r([2, 3]), r([3, 4])], { equation: 'ij,jk->ki' }, { opset: 12 }),
  c('Einsum', [r([2, 3, 3])], { equation: '...ii->...i' }),
  c('com.microsoft.FusedMatMul', [r([2, 4, 3]), r([2, 5, 4])], { transA: 1, transB: 1, alpha: float(0.6) }),
  c(
    'com.microsoft.FusedMatMul',
    [r([3, 2, 4]), r([5, 2, 4])],
    { transBatchA: 1, transBatchB: 1, transB: 1 },
    { aside: ['transB'] },
  ),
  c('com.microsoft.FusedGemm', [r([4, 3]), r([2, 4]), r([3, 1])], {
    transA: 1,
    transB: 1,
    alpha: float(0.7),
    beta: float(1.3),
    activation: 'Tanh',
  }),
  c('com.microsoft.FusedGemm', [r([3, 4]), r([4, 2])], { activation: 'Sigmoid' }),
  c('com.microsoft.FusedGemm', [r([3, 4], -0.5, 0.5), r([4, 2], -0.3, 0.3), f([2, -2])], {
    activation: 'Relu',
  }),
  c('com.microsoft.FusedGemm', [r([3, 4], -0.5, 0.5), r([4, 2], -0.3, 0.3), f([2, -2])], {
    activation: 'LeakyRelu',
    activation_alpha: float(0.3),
  }),
  c('com.microsoft.FusedGemm', [r([3, 4], -0.5, 0.5), r([4, 3], -0.3, 0.3), f([3, 0, -3])], {
    activation: 'HardSigmoid',
    activation_alpha: float(0.3),
    activation_beta: float(0.4),
  }),
  c('Max', [apart([2, 3])]),
  c('CumSum', [r([3, 4]), index(1)], { exclusive: 1, reverse: 1 }),
  c('CumSum', [r([3, 4]), index(-2)], { reverse: 1 }, { opset: 11 }),
  c('Trilu', [r([3, 4]), index(1)], { upper: 0 }),
  c('Trilu', [r([3, 4])], { upper: 0 }),
  c('com.microsoft.Trilu', [r([3, 4]), index(1)], { upper: 0 }),
  c('com.microsoft.Trilu', [r([3, 4])], { upper: 0 }),
];
