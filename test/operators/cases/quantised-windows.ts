import type { AttributeInput } from '../../../src/onnx/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { asBytes, between, one, result, scaled, small, z, zero } from '../between.ts';
import type { Case } from '../case.ts';
import { f, int32s, s, whole } from '../values.ts';

type Attributes = Record<string, AttributeInput>;

/** Numbers at least 6 apart. */
const spread = (shape: readonly number[]): Tensor => {
  const count = shape.reduce((a, d) => a * d, 1);
  return f(
    Array.from({ length: count }, (_, i) => 6 * ((i * 7) % count) - 3 * count),
    shape,
  );
};

const windows: readonly [readonly number[], Attributes][] = [
  [[3], { strides: [2], pads: [1, 2], dilations: [2] }],
  [[3, 2], { strides: [2, 1], pads: [0, 1, 2, 0], dilations: [1, 2] }],
  [[3, 2, 2], { strides: [2, 1, 3], pads: [1, 0, 1, 2, 1, 0], dilations: [1, 2, 1] }],
];
const image = (channels: number, rank: number): number[] => [1, channels, ...[7, 6, 5].slice(0, rank)];
const sames = ['SAME_UPPER', 'SAME_LOWER'].map((auto_pad): Attributes => ({ auto_pad, strides: [1, 2] }));

const convolutions = windows.flatMap(([kernel, attributes]): Case[] => {
  const of = (): Tensor[] => [small(image(2, kernel.length)), whole([4, 1, ...kernel], -1, 1)];
  const [x, w] = of() as [Tensor, Tensor];
  const grouped = { ...attributes, group: 2 };
  const bias = int32s([3, -2, 1, 5]);
  return [
    between('ConvInteger', [...of(), z(), z()], grouped, { quantised: [0, 1], result: [1, 0] }),
    between('QLinearConv', [...scaled(x, w), bias], grouped, { quantised: [0, 3], result }),
    between('com.microsoft.QLinearConv', [...scaled(x, w), bias], grouped, { quantised: [0, 3], result }),
  ];
});

const likeConvolutions = sames.flatMap((attributes): Case[] => {
  const of = (): [Tensor, Tensor] => [small([1, 2, 7, 6]), whole([3, 2, 2, 3], -1, 1)];
  return [
    between('ConvInteger', of(), attributes, { quantised: [], before: asBytes([0, 1]), result: [1, 0] }),
    between('QLinearConv', scaled(...of()), attributes, { quantised: [0, 3], result }),
    between('com.microsoft.QLinearConv', scaled(...of()), attributes, { quantised: [0, 3], result }),
  ];
});

/** [x, scale, zero, scale of y, zero of y], of a pool. */
const pooled = (x: Tensor, attributes: Attributes): Case =>
  between(
    'com.microsoft.QLinearAveragePool',
    [x, one, z(), s(1 / 12), z(90)],
    { kernel_shape: [2, 3], ...attributes },
    {
      quantised: [0],
      result: [1 / 12, 90],
      aside: attributes['auto_pad'] === 'VALID' ? ['pads'] : [],
    },
  );

const maxima = (attributes: Attributes): Case =>
  between(
    'com.microsoft.NhwcMaxPool',
    [spread([1, 6, 5, 1])],
    { kernel_shape: [2, 3], ...attributes },
    {
      quantised: [0],
      result: [1, zero],
      aside: attributes['auto_pad'] === 'VALID' ? ['pads'] : [],
    },
  );

const paddings: readonly Attributes[] = [
  { strides: [2, 1], pads: [1, 0, 0, 1] },
  { strides: [1, 2], auto_pad: 'SAME_UPPER' },
  { strides: [1, 2], auto_pad: 'SAME_LOWER' },
  { strides: [1, 2], auto_pad: 'VALID', pads: [1, 0, 0, 1] },
];

export const quantisedWindows: readonly Case[] = [
  ...convolutions,
  ...likeConvolutions,
  between(
    'QLinearConv',
    scaled(small([1, 2, 5, 4]), whole([3, 2, 2, 2], -1, 1)),
    {},
    { quantised: [0, 3], result },
  ),
  between(
    'com.microsoft.QLinearConv',
    scaled(small([1, 5, 4, 2]), whole([3, 2, 3, 2], -1, 1)),
    { channels_last: 1, strides: [2, 1] },
    { quantised: [0, 3], result },
  ),
  ...paddings.map((attributes) => pooled(small([1, 2, 7, 6]), attributes)),
  pooled(small([1, 2, 7, 6]), { strides: [3, 2], pads: [0, 1, 0, 1], ceil_mode: 1, count_include_pad: 1 }),
  pooled(small([1, 7, 6, 2]), { channels_last: 1 }),

  ...paddings.map(maxima),
  maxima({ kernel_shape: [3, 2], dilations: [2, 1] }),
  maxima({ strides: [3, 4], ceil_mode: 1 }),
  between(
    'com.microsoft.QLinearGlobalAveragePool',
    [small([1, 2, 3, 2]), one, z(), s(1 / 6), z(90)],
    {},
    { quantised: [0], result: [1 / 6, 90] },
  ),
  between(
    'com.microsoft.QLinearGlobalAveragePool',
    [small([1, 3, 2, 3]), one, z(), s(1 / 6), z(90)],
    { channels_last: 1 },
    { quantised: [0], result: [1 / 6, 90] },
  ),
];
