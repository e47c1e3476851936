import { type AttributeInput, float, floats } from '../../src/onnx/index.ts';
import { type AnyTensor, int64, tensor } from '../../src/tensor/index.ts';
import { aboutOne, type Foreign, graphOf, type Line, weights } from './structure.ts';

type Attributes = Readonly<Record<string, AttributeInput>>;

/** Maps of four channels of 4x4, an operator or a few on them, and classes of what comes out. */
function within(
  name: string,
  opset: number,
  lines: readonly Line[],
  more: {
    size?: number;
    constants?: Readonly<Record<string, AnyTensor>>;
    domains?: Readonly<Record<string, number>>;
  } = {},
): Foreign {
  const { size = 64, constants, domains = {} } = more;
  return {
    name: `${name} of opset ${opset}`,
    graph: graphOf({
      opset,
      domains,
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: {
        k: weights([4, 3, 3, 3], 'kernel', 4),
        w: weights([size, 4], `matrix ${size}`, 4),
        b: weights([4], 'bias'),
        ...constants,
      },
      lines: [
        ['first', 'Conv', 'x k', 'c', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
        ...lines,
        ['flat', 'Flatten', 'o', 'f', { axis: 1 }],
        ['fc', 'Gemm', 'f w b', 'y'],
      ],
    }),
  };
}

/** One operator on the maps. */
const one = (
  op: string,
  opset: number,
  attributes: Attributes = {},
  more: Parameters<typeof within>[3] & { inputs?: string } = {},
): Foreign => within(op, opset, [['op', op, more.inputs ?? 'c', 'o', attributes]], more);

const norm = {
  scale: aboutOne(4, 'scale'),
  shift: weights([4], 'shift'),
  mean: weights([4], 'mean'),
  variance: aboutOne(4, 'variance'),
};

export const operators: readonly Foreign[] = [
  one(
    'BatchNormalization',
    7,
    { epsilon: float(0.001), momentum: float(0.9) },
    { inputs: 'c scale shift mean variance', constants: norm },
  ),
  one('BatchNormalization', 9, {}, { inputs: 'c scale shift mean variance', constants: norm }),
  one(
    'BatchNormalization',
    14,
    { training_mode: 0 },
    { inputs: 'c scale shift mean variance', constants: norm },
  ),
  one('Dropout', 7, { ratio: float(0.4) }),
  one('Dropout', 10, { ratio: float(0.4) }),
  one('Dropout', 12, {}, { inputs: 'c ratio', constants: { ratio: tensor(Float32Array.of(0.4), []) } }),
  one('Pad', 7, { mode: 'reflect', pads: [0, 0, 1, 1, 0, 0, 1, 1] }, { size: 144 }),
  one('Slice', 7, { starts: [0, 1], ends: [4, 3], axes: [2, 3] }, { size: 32 }),
  one('Clip', 7, { min: float(-1), max: float(1) }),
  one('Clip', 11, {}, { inputs: 'c low', constants: { low: tensor(Float32Array.of(-0.5), []) } }),
  one('Upsample', 7, { scales: floats([1, 1, 2, 2]), mode: 'linear' }, { size: 256 }),
  one(
    'Upsample',
    9,
    { mode: 'nearest' },
    { inputs: 'c s', constants: { s: tensor(Float32Array.of(1, 1, 2, 2), [4]) }, size: 256 },
  ),
  one(
    'Resize',
    10,
    { mode: 'linear' },
    { inputs: 'c s', constants: { s: tensor(Float32Array.of(1, 1, 2, 2), [4]) }, size: 256 },
  ),
  within('Squeeze and Unsqueeze', 7, [
    ['u', 'Unsqueeze', 'c', 'u', { axes: [2] }],
    ['t', 'Tanh', 'u', 't'],
    ['s', 'Squeeze', 't', 'o', { axes: [2] }],
  ]),
  within('Softmax over all that follows', 7, [['s', 'Softmax', 'c', 'o', { axis: 1 }]]),
  one('ReduceMean', 7, { axes: [2, 3], keepdims: 0 }, { size: 4 }),
  one('ReduceL2', 11, { axes: [1], keepdims: 1 }, { size: 16 }),
  within('Split', 7, [
    ['s', 'Split', 'c', 'p q', { axis: 1, split: [1, 3] }],
    ['t', 'Tanh', 'q', 't'],
    ['j', 'Concat', 't p', 'o', { axis: 1 }],
  ]),
  one('AveragePool', 7, { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }),
  one(
    'AveragePool',
    10,
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, auto_pad: 'SAME_UPPER' },
    { size: 16 },
  ),
  one('MaxPool', 8, { kernel_shape: [2, 2], strides: [2, 2] }, { size: 16 }),
  one('LpPool', 11, { kernel_shape: [2, 2], strides: [2, 2], p: 2 }, { size: 16 }),
  one(
    'PRelu',
    7,
    {},
    { inputs: 'c a', constants: { a: tensor(Float32Array.of(0.1, 0.2, 0.3, 0.4), [4, 1, 1]) } },
  ),
  within('Sum, Mean, Max and Min of several', 8, [
    ['s', 'Sum', 'c c c', 's'],
    ['t', 'Tanh', 'c', 't'],
    ['m', 'Mean', 's t', 'm'],
    ['a', 'Max', 'm t', 'a'],
    ['i', 'Min', 'a s', 'o'],
  ]),
  one('LRN', 7, { size: 3, alpha: float(0.1), beta: float(0.75), bias: float(1) }),
  one('InstanceNormalization', 7, { epsilon: float(0.01) }, { inputs: 'c scale shift', constants: norm }),
  one('GlobalMaxPool', 7, {}, { size: 4 }),
  one('HardSigmoid', 7, { alpha: float(0.3), beta: float(0.4) }),
  one('Selu', 7),
  one('Elu', 7, { alpha: float(0.7) }),
  one('Softplus', 7),
  one('Softsign', 7),
  one('ThresholdedRelu', 10, { alpha: float(0.2) }),
  one('MeanVarianceNormalization', 9, { axes: [0, 2, 3].slice(1) }),
  one('DepthToSpace', 7, { blocksize: 2 }),
  one(
    'ConvTranspose',
    7,
    { kernel_shape: [2, 2], strides: [2, 2] },
    { inputs: 'c t', constants: { t: weights([4, 2, 2, 2], 'transposed', 2) }, size: 128 },
  ),
  within(
    'Gelu written out, as PyTorch traced it',
    11,
    [
      ['Div_0', 'Div', 'c root', 'd'],
      ['Erf_1', 'Erf', 'd', 'e'],
      ['Add_2', 'Add', 'e one', 'a'],
      ['Mul_3', 'Mul', 'c a', 'm'],
      ['Mul_4', 'Mul', 'm half', 'o'],
    ],
    {
      constants: {
        root: tensor(Float32Array.of(Math.SQRT2), []),
        one: tensor(Float32Array.of(1), []),
        half: tensor(Float32Array.of(0.5), []),
      },
    },
  ),
  within(
    'hard swish written out',
    10,
    [
      ['Add', 'Add', 'c three', 'a'],
      ['Clip', 'Clip', 'a', 'clipped', { min: float(0), max: float(6) }],
      ['Div', 'Div', 'clipped six', 'd'],
      ['Mul', 'Mul', 'c d', 'o'],
    ],
    { constants: { three: tensor(Float32Array.of(3), []), six: tensor(Float32Array.of(6), []) } },
  ),
  within(
    'the shuffle of channels by Reshape and Transpose',
    9,
    [
      ['r', 'Reshape', 'c s', 'r'],
      ['t', 'Transpose', 'r', 't', { perm: [0, 2, 1, 3, 4] }],
      ['b', 'Reshape', 't back', 'm'],
      ['a', 'Tanh', 'm', 'o'],
    ],
    { constants: { s: int64([-1, 2, 2, 4, 4]), back: int64([-1, 4, 4, 4]) } },
  ),
  // Operators that the standard took back, and the runtime still has.
  one('ImageScaler', 9, { scale: float(0.5), bias: floats([0.1, -0.2, 0.3, 0]) }),
  one('ParametricSoftplus', 9, { alpha: float(0.7), beta: float(1.3) }),
  one('ScaledTanh', 9, { alpha: float(0.7), beta: float(1.3) }),
  one('Affine', 9, { alpha: float(0.7), beta: float(1.3) }),
  // The runtime's own.
  one('com.microsoft.QuickGelu', 13, { alpha: float(1.702) }, { domains: { 'com.microsoft': 1 } }),
  one('com.microsoft.Gelu', 13, {}, { domains: { 'com.microsoft': 1 } }),
  one('com.microsoft.FastGelu', 13, {}, { domains: { 'com.microsoft': 1 } }),
  one(
    'com.microsoft.BiasGelu',
    13,
    {},
    { inputs: 'c bias', constants: { bias: weights([4], 'offset') }, domains: { 'com.microsoft': 1 } },
  ),
  one(
    'com.microsoft.FusedConv',
    13,
    { kernel_shape: [1, 1], activation: 'LeakyRelu', activation_params: floats([0.2]) },
    {
      inputs: 'c k1 b1',
      constants: { k1: weights([4, 4, 1, 1], 'point'), b1: weights([4], 'offset') },
      domains: { 'com.microsoft': 1 },
    },
  ),
  within(
    'com.microsoft.FusedMatMul',
    13,
    [
      ['f', 'Flatten', 'c', 'r', { axis: 1 }],
      ['m', 'com.microsoft.FusedMatMul', 'r q', 'o', { transB: 1, alpha: float(0.5) }],
    ],
    { size: 8, constants: { q: weights([8, 64], 'turned', 2) }, domains: { 'com.microsoft': 1 } },
  ),
];
