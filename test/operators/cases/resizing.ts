import type { AttributeInput } from '../../../src/onnx/index.ts';
import { float, floats } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { c, f, ints, r } from '../values.ts';

type Attributes = Record<string, AttributeInput>;

const image = [1, 2, 4, 5];
/** Larger along one axis, smaller along the other. */
const scales = f([1, 1, 1.6, 0.7]);
const sizes = ints([1, 2, 7, 3]);

const byScales = (attributes: Attributes, opset = 19): Case =>
  c('Resize', [r(image), undefined, scales], attributes, { opset, fixed: [1, 2] });
const bySizes = (attributes: Attributes, opset = 19): Case =>
  c('Resize', [r(image), undefined, undefined, sizes], attributes, { opset, fixed: [1] });

const ways = ['half_pixel_symmetric', 'asymmetric', 'align_corners'];
const rounding = ['round_prefer_ceil', 'floor', 'ceil'];

/** Between pixels and between halves of them, two beyond the edges. */
const places = f([-0.9, -0.5, -0.65, 0.2, 0.1, 0.55, 0.4, -0.8, 1.9, 0.1, -1.15, 2.1], [1, 3, 2, 2]);
const sampled = ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
  ['linear', 'nearest', 'cubic'].flatMap((mode): Case[] => {
    const given: Attributes = { ...(padding_mode !== 'zeros' && { padding_mode }) };
    const old = { linear: 'bilinear', nearest: 'nearest', cubic: 'bicubic' }[mode] as string;
    const own = (value: string): Attributes => (mode === 'linear' ? {} : { mode: value });
    return [
      c('GridSample', [r([1, 2, 4, 5]), places], { ...own(old), ...given, align_corners: 1 }, { opset: 16 }),
      c('GridSample', [r([1, 2, 4, 5]), places], { ...own(mode), ...given, align_corners: 1 }, { opset: 20 }),
      c('com.microsoft.GridSample', [r([1, 2, 4, 5]), places], { ...own(old), ...given, align_corners: 1 }),
    ];
  }),
);

const regions = f([1, 1, 9, 7, -3, 2, 6, 14, 4, 4, 4.5, 5], [3, 4]);

export const resizing: readonly Case[] = [
  ...ways.flatMap((coordinate_transformation_mode) =>
    ['linear', 'cubic'].map((mode) => byScales({ mode, coordinate_transformation_mode })),
  ),
  // Twice and three times the size: some places lie half-way between two pixels.
  ...rounding.map((nearest_mode) =>
    c(
      'Resize',
      [r(image), undefined, f([1, 1, 2, 3])],
      { nearest_mode, coordinate_transformation_mode: 'asymmetric' },
      { opset: 19, fixed: [1, 2] },
    ),
  ),
  c('Resize', [r(image), f([], [0]), scales], { nearest_mode: 'floor' }, { opset: 11, fixed: [1, 2] }),
  c(
    'Resize',
    [r(image), undefined, undefined, ints([1, 2, 3, 1])],
    { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    { opset: 19 },
  ),
  byScales({ nearest_mode: 'floor' }, 13),
  bySizes({ mode: 'linear' }, 13),
  bySizes({ mode: 'linear' }, 18),
  byScales({ mode: 'cubic', cubic_coeff_a: float(-0.5), exclude_outside: 1 }),
  byScales({ mode: 'cubic', antialias: 1 }, 18),
  byScales({ mode: 'linear', antialias: 1 }),
  c(
    'Resize',
    [r([1, 2, 4, 5]), undefined, undefined, ints([7, 3])],
    { axes: [3, 2], mode: 'linear' },
    { opset: 18 },
  ),
  c('Resize', [r([1, 2, 4, 5]), undefined, f([0.6, 1.75])], { axes: [-1, -2] }, { opset: 18, fixed: [1, 2] }),
  ...['not_larger', 'not_smaller'].map((keep_aspect_ratio_policy) =>
    c(
      'Resize',
      [r([1, 2, 4, 5]), undefined, undefined, ints([7, 6])],
      { axes: [2, 3], mode: 'linear', keep_aspect_ratio_policy },
      { opset: 18, aside: ['axes'] },
    ),
  ),
  c(
    'Resize',
    [r([1, 1, 3, 4]), f([0, 0, 0.1, 0.2, 1, 1, 1.3, 0.9]), undefined, ints([1, 1, 5, 6])],
    { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: float(0.7) },
    { opset: 19, fixed: [1] },
  ),
  // One end of each axis is where it is without a region.
  c(
    'Resize',
    [r([1, 1, 3, 4]), f([0, 0, 0.3, 0, 1, 1, 1, 0.8]), undefined, ints([1, 1, 5, 6])],
    { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
    { opset: 19, fixed: [1] },
  ),
  c('Resize', [r([1, 2, 3, 4]), f([1, 1, 2, 1.5])], {}, { opset: 10, fixed: [1] }),
  c('Resize', [r([1, 2, 3, 4]), f([1, 1, 2, 1.5])], { mode: 'linear' }, { opset: 10, fixed: [1] }),
  ...[1, 3].map((rank) =>
    c(
      'Resize',
      [r([1, 2, 3, 2, 2].slice(0, rank + 2)), undefined, f([1, 1, 2, 1.5, 1.5].slice(0, rank + 2))],
      { mode: 'linear' },
      { fixed: [1, 2] },
    ),
  ),
  c('Upsample', [r([1, 2, 3, 4])], { scales: floats([1, 1, 2, 3]) }, { opset: 8 }),
  c('Upsample', [r([1, 2, 3, 4])], { scales: floats([1, 1, 2, 3]), mode: 'linear' }, { opset: 8 }),
  c('Upsample', [r([1, 2, 3, 4]), f([1, 1, 2, 3])], { mode: 'linear' }, { opset: 9, fixed: [1] }),
  ...sampled,
  c(
    'GridSample',
    [
      r([1, 1, 2, 3, 4]),
      f([-0.28, -0.55, 0.21, 0.24, 0.3, -0.4, 0.56, 0.4, 0.1, 0.24, 0.4, -0.2], [1, 1, 2, 2, 3]),
    ],
    { align_corners: 1 },
    { opset: 20 },
  ),
  c('AffineGrid', [r([2, 2, 3]), ints([2, 1, 3, 4])], { align_corners: 1 }, { opset: 20 }),
  c('AffineGrid', [r([2, 3, 4]), ints([2, 1, 2, 3, 4])], { align_corners: 1 }, { opset: 20 }),
  ...['avg'].flatMap((mode) => [
    c(
      'RoiAlign',
      [r([2, 3, 6, 7]), regions, ints([1, 0, 1])],
      {
        output_height: 2,
        output_width: 3,
        sampling_ratio: 3,
        spatial_scale: float(0.7),
        ...(mode === 'max' && { mode }),
      },
      { opset: 10, fixed: [1] },
    ),
    c(
      'RoiAlign',
      [r([2, 3, 6, 7]), regions, ints([1, 0, 1])],
      {
        output_height: 2,
        output_width: 3,
        sampling_ratio: 3,
        spatial_scale: float(0.7),
        coordinate_transformation_mode: 'output_half_pixel',
        ...(mode === 'max' && { mode }),
      },
      { fixed: [1] },
    ),
  ]),
];
