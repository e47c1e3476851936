import type { AttributeInput } from '../../../src/onnx/index.ts';
import { float } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { apart, c, f, ints, positive, r } from '../values.ts';

// Convolutions and pools. Heights and widths, begins and ends are others everywhere.

type Attributes = Record<string, AttributeInput>;

const sizes = [7, 6, 5];
/** Of one, two and three axes. */
const windows: readonly { kernel: readonly number[]; more: Attributes }[] = [
  { kernel: [3], more: { strides: [2], pads: [1, 2] } },
  { kernel: [3, 4], more: { strides: [2, 1], pads: [0, 1, 2, 0] } },
  { kernel: [3, 2, 2], more: { strides: [2, 1, 3], pads: [1, 0, 1, 2, 1, 0] } },
];
const padding = ['SAME_UPPER', 'SAME_LOWER', 'VALID'];
/** Padding is split unevenly along both axes. */
const same = (auto_pad: string): Attributes => ({
  kernel_shape: [2, 3],
  strides: [1, 2],
  auto_pad,
  // Which VALID ignores.
  ...(auto_pad === 'VALID' && { pads: [1, 0, 0, 1] }),
});

const image = (channels: number, rank: number): number[] => [2, channels, ...sizes.slice(0, rank)];
const pool = (op: string, attributes: Attributes, rank: number, opset = 18): Case =>
  c(op, [(op === 'MaxPool' ? apart : op === 'LpPool' ? positive : r)(image(1, rank))], attributes, {
    opset,
    aside: attributes['auto_pad'] === 'VALID' ? ['pads'] : [],
  });

const pools = ['AveragePool', 'MaxPool', 'LpPool'].flatMap((op) => [
  ...windows.map(({ kernel, more }, i) => pool(op, { kernel_shape: kernel, ...more }, i + 1)),
  ...padding.map((auto) => pool(op, same(auto), 2)),

  pool(op, { kernel_shape: [2, 3], strides: [3, 2], ceil_mode: 1 }, 2),
  pool(op, { kernel_shape: [2, 3], strides: [2, 3], pads: [1, 0, 0, 2] }, 2, 7),
]);

/** Conv and its kin, of one, two and three axes, with and without a bias. */
const convolutions = windows.flatMap(({ kernel, more }, i): Case[] => {
  const rank = i + 1;
  const dilations = [2, 1, 2].slice(0, rank);
  const input = [2, 4, ...[9, 6, 5].slice(0, rank)];
  return [
    c(
      'Conv',
      [r(input), r([4, 2, ...kernel]), r([4])],
      { ...more, group: 2, dilations },
      { opset: rank === 1 ? 10 : 18 },
    ),
    c('Conv', [r(input), r([3, 4, ...kernel])], more),
    c('ConvTranspose', [r(image(4, rank)), r([4, 2, ...kernel]), r([4])], { ...more, group: 2, dilations }),
    c('ConvTranspose', [r(image(2, rank)), r([2, 3, ...kernel])], more, { opset: 10 }),
  ];
});

/** With VALID they take no pads that it would ignore. */
const autos = ['SAME_UPPER', 'SAME_LOWER'].flatMap((auto_pad): Case[] => [
  c('Conv', [r(image(2, 2)), r([3, 2, 2, 3])], { strides: [1, 2], auto_pad }),
  c('ConvTranspose', [r(image(2, 2)), r([2, 3, 3, 6])], { strides: [2, 3], auto_pad }),
]);

/** Of three channels, one beyond each bound of the activations and one between. */
const fused = ['Relu', 'LeakyRelu', 'Clip', 'HardSigmoid', 'Sigmoid', 'Tanh'].map((activation) => {
  const parameters: Record<string, number[]> = { LeakyRelu: [0.3], Clip: [-3, 3], HardSigmoid: [0.1, 0.4] };
  const values = parameters[activation];
  const small = activation === 'Sigmoid' || activation === 'Tanh' ? 0.1 : 1;
  return c(
    'com.microsoft.FusedConv',
    [r([1, 1, 3, 4], -0.5, 0.5), r([3, 1, 2, 3], -0.3, 0.3), f([12 * small, small, -12 * small])],
    { activation, ...(values !== undefined && { activation_params: { type: 'floats', value: values } }) },
  );
});

export const slidingWindows: readonly Case[] = [
  ...pools,
  ...convolutions,
  ...autos,
  ...fused,
  pool(
    'AveragePool',
    { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 0, 1], count_include_pad: 1 },
    2,
    9,
  ),
  pool(
    'AveragePool',
    { kernel_shape: [2, 3], strides: [3, 2], pads: [0, 1, 0, 1], count_include_pad: 1, ceil_mode: 1 },
    2,
  ),
  pool('AveragePool', { kernel_shape: [2, 3], strides: [3, 2], pads: [0, 1, 0, 1], ceil_mode: 1 }, 2, 10),
  pool(
    'AveragePool',
    { kernel_shape: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2], count_include_pad: 1 },
    2,
    19,
  ),
  pool('AveragePool', { kernel_shape: [2, 2], dilations: [3, 2], auto_pad: 'SAME_UPPER' }, 2, 19),
  pool('MaxPool', { kernel_shape: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2] }, 2, 11),
  pool(
    'MaxPool',
    { kernel_shape: [2, 2], dilations: [3, 2], auto_pad: 'SAME_LOWER', ceil_mode: 1, strides: [2, 3] },
    2,
  ),
  // Sixteen channels, which are compared with their maxima.
  ...[
    { strides: [1, 2], pads: [1, 0, 0, 2] },
    { strides: [2, 1] },
    { strides: [1, 2], auto_pad: 'SAME_LOWER' },
    { strides: [2, 2], pads: [0, 1, 0, 0], ceil_mode: 1 },
  ].map((more) => c('MaxPool', [apart([1, 16, 5, 6])], { kernel_shape: [2, 3], ...more })),
  c('MaxPool', [apart(image(1, 2))], { kernel_shape: [2, 3], storage_order: 1 }, { opset: 9, outputs: 2 }),
  pool('LpPool', { kernel_shape: [2, 3], p: 3 }, 2, 11),
  pool('LpPool', { kernel_shape: [3, 2], p: 1, dilations: [2, 3] }, 2),
  c('GlobalLpPool', [positive([2, 3, 4])], { p: 3 }),
  c('GlobalLpPool', [positive([2, 3, 2, 4])], { p: 1 }),
  c('GlobalLpPool', [positive([2, 3, 2, 2, 3])]),
  ...[1, 2, 3].flatMap((rank) => [
    c('GlobalAveragePool', [r(image(2, rank))]),
    c('GlobalMaxPool', [apart(image(2, rank))]),
  ]),
  ...[1, 2, 3].map((rank) => {
    const [ones, strides] = [Array.from({ length: rank }, () => 2), [2, 3, 2].slice(0, rank)];
    const count = 2 ** rank;
    const places = Array.from({ length: count }, (_, i) => 2 * i + 1);
    return c('MaxUnpool', [r([1, 1, ...ones]), ints(places, [1, 1, ...ones])], {
      kernel_shape: [2, 3, 4].slice(0, rank),
      strides,
    });
  }),
  c(
    'MaxUnpool',
    [r([1, 1, 2, 2]), ints([0, 5, 9, 14], [1, 1, 2, 2])],
    {
      kernel_shape: [4, 5],
      strides: [2, 3],
      pads: [1, 0, 0, 2],
    },
    { aside: ['pads, another for each end'] },
  ),
  c(
    'MaxUnpool',
    [r([1, 1, 2, 2]), ints([0, 3, 9, 14], [1, 1, 2, 2]), ints([1, 1, 5, 6])],
    {
      kernel_shape: [2, 3],
      strides: [2, 2],
    },
    { opset: 9, aside: ['strides', 'kernel_shape'] },
  ),
  c('ConvTranspose', [r(image(2, 2)), r([2, 3, 3, 2])], { strides: [2, 3], output_padding: [0, 2] }),
  c('ConvTranspose', [r(image(2, 2)), r([2, 3, 3, 2])], { strides: [2, 3], output_shape: [14, 18] }),
  ...['SAME_UPPER', 'SAME_LOWER'].map((auto_pad) =>
    c(
      'ConvTranspose',
      [r(image(2, 2)), r([2, 3, 3, 4])],
      {
        strides: [2, 3],
        output_shape: [14, 16],
        auto_pad,
      },
      { aside: auto_pad === 'SAME_LOWER' ? ['auto_pad'] : [] },
    ),
  ),
  c('com.microsoft.FusedConv', [r([2, 4, 7, 6]), r([4, 2, 3, 2]), r([4]), r([2, 4, 4, 6])], {
    activation: 'Sigmoid',
    group: 2,
    strides: [2, 1],
    pads: [0, 1, 2, 1],
    dilations: [1, 2],
  }),
  ...['SAME_UPPER', 'SAME_LOWER'].map((auto_pad) =>
    c('com.microsoft.FusedConv', [r(image(2, 2)), r([3, 2, 2, 3])], { strides: [1, 2], auto_pad }),
  ),
  ...windows.map(({ kernel, more }, i) =>
    c('com.microsoft.FusedConv', [r(image(2, i + 1)), r([3, 2, ...kernel])], {
      ...more,
      dilations: [2, 1, 2].slice(0, i + 1),
    }),
  ),
  c('Col2Im', [r([1, 8, 3]), ints([4, 5]), ints([2, 2])], {
    dilations: [2, 3],
    pads: [0, 1, 1, 0],
    strides: [3, 1],
  }),
  c('Col2Im', [r([1, 12, 5]), ints([6]), ints([2])]),
  c(
    'DeformConv',
    [r([1, 4, 7, 6]), r([4, 2, 3, 2]), r([1, 24, 3, 5], 0.1, 0.4), r([4]), positive([1, 12, 3, 5])],
    {
      group: 2,
      offset_group: 2,
      strides: [2, 1],
      dilations: [1, 2],
      pads: [1, 1, 0, 0],
    },
    { opset: 19 },
  ),
  c(
    'DeformConv',
    [
      r([1, 2, 5, 4]),
      r([2, 2, 2, 3]),
      f(
        Array.from({ length: 12 * 12 }, (_, i) => 0.2 + (0.3 * ((i * 7) % 5)) / 5),
        [1, 12, 4, 3],
      ),
    ],
    { pads: [0, 1, 0, 0] },
    { opset: 19 },
  ),
  c('LRN', [r([2, 4, 3, 2])], { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.4) }),
];
