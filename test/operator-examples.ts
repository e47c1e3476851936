import type { AttributeInput } from '../src/onnx/index.ts';
import { float, floats } from '../src/onnx/index.ts';
import type { AnyTensor, Tensor } from '../src/tensor/index.ts';
import { scalar } from '../src/tensor/index.ts';
import { apart, bools, bytes, f, index, ints, positive, r, s, split } from './operators/values.ts';

/** A node away from kinks, with every input that its operator's schema has. */
export interface Example {
  /** `Op` or `domain.Op`. */
  readonly operator: string;
  readonly inputs: readonly (AnyTensor | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** 18 by default. */
  readonly opset?: number;
  /** 1 by default. */
  readonly outputs?: number;
  /** Inputs that the output does not depend on at this point. */
  readonly flat?: readonly number[];
}

const one = (
  operator: string,
  input: AnyTensor,
  attributes: Example['attributes'] = {},
  opset = 18,
): Example => ({ operator, inputs: [input], attributes, opset });

const several = (
  operator: string,
  inputs: Example['inputs'],
  attributes: Example['attributes'] = {},
  more: Pick<Example, 'opset' | 'outputs' | 'flat'> = {},
): Example => ({ operator, inputs, attributes, ...more });

const image = [2, 4, 5, 6];

const smooth = 'Asinh Atan Cos Erf Exp Identity Mish Neg Sigmoid Sin Sinh Cosh Softplus Softsign Tanh'.split(
  ' ',
);
const kinked = 'Abs Relu Elu Celu Selu LeakyRelu HardSwish'.split(' ');

const reductions = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ').flatMap((name) => {
  const x = name === 'Max' || name === 'Min' ? apart([3, 4, 2]) : positive([3, 4, 2]);
  return [
    several(`Reduce${name}`, [x, ints([1, -1])], { keepdims: 1 }),
    several(`Reduce${name}`, [x, ints([1])], { keepdims: 0 }),
    several(`Reduce${name}`, [x, ints([])], { keepdims: 0 }),
  ];
});

const losses = ['mean', 'sum', 'none'].flatMap((reduction) => [
  several(
    'SoftmaxCrossEntropyLoss',
    [r([4, 3]), ints([2, 0, 1, 2]), positive([3])],
    { reduction },
    { outputs: 2 },
  ),
  several(
    'SoftmaxCrossEntropyLoss',
    [r([2, 3, 2]), ints([2, 0, 1, 2], [2, 2]), positive([3])],
    { reduction, ignore_index: 1 },
    { outputs: 2 },
  ),
  several('NegativeLogLikelihoodLoss', [r([4, 3]), ints([2, 0, 1, 2]), positive([3])], { reduction }),
  several('NegativeLogLikelihoodLoss', [r([2, 3, 2]), ints([2, 0, 1, 2], [2, 2]), positive([3])], {
    reduction,
    ignore_index: 2,
  }),
]);

const linear = { coefficients: floats([1, 2, 3, -1, 0, 1]), intercepts: floats([0.1, 0.2]) };

const channels = (): Tensor[] => [positive([4]), r([4])];

export const examples: readonly Example[] = [
  ...smooth.map((op) => one(op, r([2, 3]))),
  ...kinked.map((op) => one(op, split([2, 4], 0.2, 1.5))),
  ...['Log', 'Reciprocal', 'Sqrt'].map((op) => one(op, positive([2, 3]))),
  ...['Acos', 'Asin', 'Atanh', 'Tan'].map((op) => one(op, r([2, 3], -0.8, 0.8))),
  one('Acosh', r([2, 3], 1.5, 2.5)),
  one('Gelu', r([2, 3]), {}, 20),
  one('Gelu', r([2, 3]), { approximate: 'tanh' }, 20),
  one('Swish', r([2, 3]), { alpha: float(1.3) }, 24),
  one('HardSigmoid', r([2, 3], -1, 1)),
  one('Shrink', split([2, 3], 0.7, 1.5), { lambd: float(0.5), bias: float(0.1) }),
  one('ThresholdedRelu', split([2, 3], 0.7, 1.5), { alpha: float(0.5) }),
  ...['Add', 'Sub', 'Mul', 'Div'].map((op) => several(op, [r([2, 3]), positive([3])])),
  ...['Mean', 'Sum'].map((op) => several(op, [r([2, 3]), s(0.1), r([3])])),
  // Each is the extreme somewhere.
  several('Max', [f([1, -1, -1, -1, 1, -1.2], [2, 3]), s(0.1), f([-0.5, -0.6, 0.7])]),
  several('Min', [f([-1, 1, 1, 1, -1, 1.2], [2, 3]), s(-0.1), f([0.5, 0.6, -0.7])]),
  several('Pow', [positive([2, 3]), r([3])]),
  several('Mod', [r([2, 3], 2.1, 2.9), s(1)], { fmod: 1 }),
  several('PRelu', [split([2, 3], 0.2, 1), r([3])]),
  several('Clip', [f([-1, -0.05, 0.04, 0.9]), s(-0.1), s(0.1)]),
  several('Clip', [f([-1, -0.05, 0.04, 0.9]), s(0.1), s(-0.1)], {}, { flat: [0, 1] }),
  several('Where', [bools([1, 0, 1]), r([2, 3]), r([1, 3])]),
  one('Cast', r([2, 3]), { to: 11 }),
  several('CastLike', [r([2, 3]), r([1])]),
  several('Dropout', [r([2, 3]), s(0.4), scalar(0, 'bool')]),

  several('MatMul', [r([2, 3, 4]), r([4, 2])]),
  several('MatMul', [r([4]), r([2, 4, 3])]),
  several('Gemm', [r([3, 2]), r([4, 3]), r([4])], {
    transA: 1,
    transB: 1,
    alpha: float(0.7),
    beta: float(1.3),
  }),
  several('Einsum', [r([2, 3]), r([3, 4]), r([4])], { equation: 'ij,jk,k->i' }),
  one('Det', r([2, 3, 3])),
  several('AffineGrid', [r([2, 2, 3]), ints([2, 1, 3, 4])], {}, { opset: 20 }),

  several('Conv', [r(image), r([3, 4, 3, 3]), r([3])], { pads: [1, 1, 1, 1], strides: [2, 2] }),
  several('ConvTranspose', [r(image), r([4, 2, 3, 3]), r([2])], { strides: [2, 2] }),
  several(
    'DeformConv',
    [r([1, 2, 4, 4]), r([3, 2, 2, 2]), r([1, 8, 3, 3], 0.1, 0.4), r([3]), positive([1, 4, 3, 3])],
    {},
    { opset: 19 },
  ),
  one('AveragePool', r(image), { kernel_shape: [2, 3], strides: [2, 1] }),
  one('LpPool', r(image), { kernel_shape: [2, 2], p: 3 }),
  one('MaxPool', apart(image), { kernel_shape: [2, 2], strides: [2, 2] }),
  one('GlobalAveragePool', r(image)),
  one('GlobalLpPool', r(image)),
  one('GlobalMaxPool', apart(image)),
  several('MaxUnpool', [r([1, 1, 2, 2]), ints([0, 3, 9, 14], [1, 1, 2, 2]), ints([1, 1, 4, 4])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  }),
  several('Col2Im', [r([1, 8, 9]), ints([4, 4]), ints([2, 2])]),
  several('RoiAlign', [r(image), f([0.3, 0.2, 3.1, 3.4], [1, 4]), ints([0])], {
    output_height: 2,
    output_width: 2,
    sampling_ratio: 2,
  }),
  several('Resize', [r([1, 2, 3, 4]), undefined, f([1, 1, 2, 1.5], [4])], {
    mode: 'linear',
  }),
  several('Resize', [r([1, 2, 3, 4]), undefined, undefined, ints([1, 2, 5, 6])], { mode: 'cubic' }),
  several(
    'Resize',
    [r([1, 1, 3, 4]), f([0, 0, 0.1, 0.2, 1, 1, 0.8, 0.9], [8]), undefined, ints([1, 1, 5, 6])],
    { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
  ),
  several('GridSample', [
    r([1, 2, 4, 5]),
    f([-0.28, -0.55, 0.24, 0, 0.56, 0.4, 0.24, 0.4, 0.56, -0.55, -0.28, 0], [1, 3, 2, 2]),
  ]),
  several(
    'GridSample',
    [
      r([1, 2, 3, 4, 5]),
      f([-0.28, -0.55, 0.21, 0.24, 0, -0.4, 0.56, 0.4, 0.1, 0.24, 0.4, -0.2], [1, 1, 2, 2, 3]),
    ],
    {},
    { opset: 20 },
  ),
  one('LRN', r(image), { size: 3, alpha: float(0.5) }),
  several('BatchNormalization', [r(image), ...channels(), r([4]), positive([4])]),
  several(
    'BatchNormalization',
    [r(image), ...channels(), r([4]), positive([4])],
    { training_mode: 1 },
    { outputs: 3 },
  ),
  several('InstanceNormalization', [r(image), ...channels()]),
  several('GroupNormalization', [r(image), ...channels()], { num_groups: 2 }, { opset: 21 }),
  several('GroupNormalization', [r(image), positive([2]), r([2])], { num_groups: 2 }),
  several('LayerNormalization', [r([2, 3, 4]), positive([3, 4]), r([3, 4])], { axis: 1 }, { outputs: 3 }),
  several('RMSNormalization', [r([2, 3, 4]), positive([4])], {}, { opset: 23 }),
  one('LpNormalization', r([2, 4])),
  one('LpNormalization', split([2, 4], 0.3, 1), { p: 1 }),
  one('MeanVarianceNormalization', r(image)),
  one('Softmax', r([2, 4])),
  one('LogSoftmax', r([2, 4]), { axis: 0 }),
  ...losses,
  several('Attention', [r([1, 2, 3, 4]), r([1, 2, 3, 4]), r([1, 2, 3, 4])], {}, { opset: 23 }),
  several(
    'Attention',
    [r([1, 2, 3, 4]), r([1, 1, 3, 4]), r([1, 1, 3, 5]), r([3, 5]), r([1, 1, 2, 4]), r([1, 1, 2, 5])],
    { softcap: float(0.9), is_causal: 1, qk_matmul_output_mode: 1 },
    { opset: 23, outputs: 4 },
  ),
  several(
    'Attention',
    [r([2, 2, 3, 4]), r([2, 2, 3, 4]), r([2, 2, 3, 4]), undefined, undefined, undefined, ints([2, 3])],
    {},
    { opset: 24 },
  ),
  several(
    'RotaryEmbedding',
    [r([2, 2, 3, 4]), r([5, 2]), r([5, 2]), ints([0, 1, 2, 2, 4, 3], [2, 3])],
    {},
    { opset: 23 },
  ),
  several('SimplifiedLayerNormalization', [r([2, 3, 4]), positive([4])], {}, { outputs: 2 }),

  ...reductions,
  several('CumSum', [r([2, 4]), index(1)], { exclusive: 1 }),
  several('DFT', [r([1, 4, 2]), index(5)], { axis: 1 }, { opset: 17 }),
  several('DFT', [r([1, 4, 1]), undefined, index(1)], {}, { opset: 20 }),
  several('TopK', [apart([2, 5]), ints([2])], {}, { outputs: 2 }),
  several('Range', [s(0.5), s(4.1), s(0.8)]),

  several('Compress', [r([3, 2]), bools([1, 0, 1])], { axis: 0 }),
  several('Concat', [r([2, 3]), r([2, 1]), r([2, 2])], { axis: 1 }),
  several('CenterCropPad', [r([3, 4]), ints([5, 2])]),
  one('DepthToSpace', r([1, 8, 2, 2]), { blocksize: 2 }),
  one('SpaceToDepth', r([1, 2, 4, 4]), { blocksize: 2 }),
  several('Expand', [r([3, 1]), ints([2, 3, 4])]),
  one('Flatten', r([2, 3, 2])),
  several('Gather', [r([3, 4]), ints([0, 2, 2, -1])], { axis: 1 }),
  several('GatherElements', [r([3, 2]), ints([0, 2, 1, 1], [2, 2])]),
  several('GatherND', [r([3, 2]), ints([0, 1, 2, 0], [2, 2])]),
  several('ScatterElements', [r([3, 2]), ints([0, 2], [1, 2]), r([1, 2])]),
  several('ScatterND', [r([3, 2]), ints([0, 2], [2, 1]), r([2, 2])]),
  several('OneHot', [ints([1, 0, 2]), index(3), r([2])]),
  several('OneHot', [f([1.3, 0.4], [2]), s(3.4), r([2])]),
  several('Pad', [r([2, 3]), ints([1, 0, 0, 2]), s(0.3)]),
  several('Pad', [r([2, 3]), ints([1, 2]), s(0.3), ints([1])]),
  several('Reshape', [r([2, 6]), ints([3, -1])]),
  several('ReverseSequence', [r([3, 2]), ints([1, 3])]),
  several('Slice', [r([4, 5]), ints([3, 1]), ints([0, 5]), ints([0, 1]), ints([-1, 2])]),
  several('Split', [r([2, 5]), ints([2, 3])], { axis: 1 }, { outputs: 2 }),
  several('Squeeze', [r([1, 3, 1]), ints([0])]),
  several('Unsqueeze', [r([3]), ints([0, 2])]),
  several('Tile', [r([2, 3]), ints([2, 1])]),
  one('Transpose', r([2, 3, 4]), { perm: [2, 0, 1] }),
  several('Trilu', [r([3, 4]), index(1)]),

  several('DequantizeLinear', [bytes([3, 200, 91, 7, 17, 90], [2, 3]), s(0.1), scalar(90, 'uint8')]),
  several('DequantizeLinear', [bytes([3, 200, 91, 7, 17, 90], [2, 3]), positive([3]), bytes([9, 0, 8])], {
    axis: 1,
  }),

  several('com.microsoft.BiasGelu', [r([2, 3]), r([3])]),
  one('com.microsoft.Gelu', r([2, 3])),
  one('com.microsoft.QuickGelu', r([2, 3]), { alpha: float(1.2) }),
  several('com.microsoft.FastGelu', [r([2, 3]), r([3])]),
  several('com.microsoft.FusedConv', [r([1, 2, 4, 4]), r([3, 2, 3, 3]), r([3]), r([1, 3, 2, 2])], {
    activation: 'Sigmoid',
  }),
  several('com.microsoft.FusedGemm', [r([2, 3]), r([3, 4]), r([4])], { activation: 'Tanh' }),
  several('com.microsoft.FusedMatMul', [r([2, 3]), r([4, 3])], { transB: 1, alpha: float(0.6) }),
  several(
    'com.microsoft.SkipLayerNormalization',
    [r([2, 3, 4]), r([2, 3, 4]), positive([4]), r([4]), r([4])],
    { epsilon: float(0.05) },
    { outputs: 4 },
  ),
  several(
    'com.microsoft.SkipSimplifiedLayerNormalization',
    [r([2, 3, 4]), r([2, 3, 4]), positive([4]), r([4])],
    { epsilon: float(0.05) },
  ),
  several(
    'com.microsoft.MultiHeadAttention',
    [
      r([2, 3, 4]),
      r([2, 3, 4]),
      r([2, 3, 4]),
      r([12]),
      undefined,
      r([2, 2, 3, 5]),
      r([2, 2, 2, 2]),
      r([2, 2, 2, 2]),
    ],
    { num_heads: 2 },
    { outputs: 3 },
  ),
  several(
    'com.microsoft.Attention',
    [r([2, 3, 4]), r([4, 12]), r([12]), undefined, undefined, r([2, 2, 3, 3])],
    { num_heads: 2 },
  ),
  several('com.microsoft.RotaryEmbedding', [
    r([2, 2, 3, 4]),
    ints([0, 1, 2, 2, 4, 3], [2, 3]),
    r([5, 2]),
    r([5, 2]),
  ]),
  several('com.microsoft.DequantizeLinear', [
    bytes([3, 200, 91, 7, 17, 90], [2, 3]),
    s(0.1),
    scalar(90, 'uint8'),
  ]),
  several('com.microsoft.Trilu', [r([3, 4]), index(1)]),
  several('com.microsoft.GridSample', [r([1, 2, 4, 5]), f([-0.28, -0.55, 0.24, 0], [1, 1, 2, 2])]),

  several(
    'ai.onnx.ml.LinearClassifier',
    [r([4, 3])],
    { ...linear, classlabels_ints: [0, 1], post_transform: 'SOFTMAX' },
    { outputs: 2 },
  ),
  one('ai.onnx.ml.LinearRegressor', r([4, 3]), { ...linear, targets: 2 }),
  one('ai.onnx.ml.Normalizer', positive([2, 4]), { norm: 'L2' }),
  one('ai.onnx.ml.Scaler', r([2, 3]), { offset: floats([0.1, 0.2, 0.3]), scale: floats([1, 2, 3]) }),
];
