import type { AttributeInput } from '../../../src/onnx/index.ts';
import { float } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { bools, c, f, index, ints, r, s } from '../values.ts';

type Attributes = Record<string, AttributeInput>;

const scattered = ['none', 'add', 'mul', 'max', 'min'].flatMap((reduction): Case[] => {
  const given: Attributes = reduction === 'none' ? {} : { reduction };
  const opset = reduction === 'max' || reduction === 'min' ? 18 : 16;
  const data = f([1, -1, 2, 0.3, 0.4, -2], [3, 2]);
  return [
    c(
      'ScatterElements',
      [data, ints([0, 1], [2, 1]), f([0.5, 0.7], [2, 1])],
      { ...given, axis: 1 },
      { opset },
    ),
    c('ScatterND', [data, ints([0, 2], [2, 1]), f([0.5, -0.7, -0.2, 0.8], [2, 2])], given, { opset }),
  ];
});

const padded = ['constant', 'reflect', 'edge', 'wrap'].flatMap((mode): Case[] => {
  const given: Attributes = mode === 'constant' ? {} : { mode };
  const pads = [1, 0, 2, 1];
  const at = (opset: number): Case[] =>
    mode === 'wrap' ? [] : [c('Pad', [r([3, 4]), ints(pads)], given, { opset })];
  return [
    ...(mode === 'wrap' ? [] : [c('Pad', [r([3, 4])], { pads, ...given }, { opset: 10 })]),
    ...at(11),
    ...at(18),
    c('Pad', [r([3, 4]), ints([2, 1]), undefined, ints([-1])], given, { opset: 19 }),
  ];
});

export const moving: readonly Case[] = [
  ...scattered,
  c('Scatter', [r([3, 2]), ints([0, 1], [2, 1]), r([2, 1])], { axis: 1 }, { opset: 9 }),
  c('Scatter', [r([3, 2]), ints([0, 1], [2, 1]), r([2, 1])], { axis: -1 }, { opset: 10 }),
  c('ScatterElements', [r([3, 2]), ints([0, 1], [2, 1]), r([2, 1])], { axis: -1 }, { opset: 11 }),
  c('ScatterND', [r([3, 2]), ints([0, 2], [2, 1]), r([2, 2])], {}, { opset: 11 }),
  ...padded,
  c('Pad', [r([2, 3])], { pads: [1, 0, 0, 2], value: float(0.7) }, { opset: 7 }),
  c('Pad', [r([2, 3]), ints([-1, 0, 0, 2])]),
  c('Pad', [r([2, 3]), ints([1, 0, 0, 2]), s(0.3)], {}, { opset: 13 }),
  c('Pad', [r([2, 3]), ints([1, 2]), s(0.3), ints([1])]),
  c('Pad', [r([2, 3]), ints([1, 2]), s(0.3), ints([1])], {}, { opset: 19 }),
  ...[1, 2, 3].map((rank) =>
    c('Pad', [
      r([1, 2, 3, 2, 2].slice(0, rank + 2)),
      ints([0, 0, 1, 0, 2].slice(0, rank + 2).concat([0, 0, 0, 2, 1].slice(0, rank + 2))),
    ]),
  ),
  c('Compress', [r([3, 2]), bools([1, 0, 1])], { axis: 0 }, { loose: 'shape' }),
  c('Compress', [r([3, 2]), bools([1, 0])], { axis: -1 }, { loose: 'shape' }),
  c('Compress', [r([3, 2]), bools([1, 0, 1, 0, 1])], {}, { loose: 'shape' }),
  c('Concat', [r([2, 3]), r([2, 1])], { axis: 1 }),
  c('Concat', [r([2, 3]), r([2, 1])], { axis: -1 }, { opset: 7 }),
  c('CenterCropPad', [r([4, 5, 3]), ints([6, 2])], { axes: [2, 0] }),
  c('CenterCropPad', [r([4, 5]), ints([3, 8])], { axes: [-1, 0] }),
  c('CenterCropPad', [r([4, 5]), ints([3, 8])]),
  c('Crop', [r([1, 2, 6, 5])], { border: [1, 0, 2, 1] }, { opset: 8 }),
  c('Crop', [r([1, 2, 6, 5])], { border: [1, 2, 0, 1], scale: [3, 2] }, { opset: 8 }),
  c('DepthToSpace', [r([1, 8, 2, 3])], { blocksize: 2, mode: 'CRD' }),
  c('DepthToSpace', [r([1, 8, 2, 3])], { blocksize: 2 }, { opset: 10 }),
  c('SpaceToDepth', [r([1, 2, 4, 6])], { blocksize: 2 }),
  c('Expand', [r([3, 1]), ints([2, 1, 4])]),
  c('Flatten', [r([2, 3, 2])], { axis: 2 }),
  c('Flatten', [r([2, 3, 2])], { axis: -1 }, { opset: 11 }),
  c('Flatten', [r([2, 3, 2])], { axis: 0 }, { opset: 9 }),
  c('Gather', [r([4, 4]), ints([0, 2, 2, -1])], { axis: 1 }),
  c('Gather', [r([4, 4]), ints([0, 2, 2, -1])], { axis: -1 }, { opset: 10 }),
  c('GatherElements', [r([3, 3]), ints([0, 2, 1, 1], [2, 2])], { axis: 1 }),
  c('GatherElements', [r([3, 3]), ints([0, -1, 1, 1], [2, 2])], { axis: -1 }),
  c('GatherND', [r([2, 3, 2]), ints([1, 0], [2, 1])], { batch_dims: 1 }),
  c('GatherND', [r([2, 3, 2]), ints([1, 0, 0, 2], [2, 2])], {}, { opset: 11 }),
  c('OneHot', [ints([1, 0, 2]), index(4), r([2])], { axis: 0 }),
  c('OneHot', [ints([1, 0, 2, 0], [2, 2]), index(3), r([2])], { axis: -2 }),
  c('Reshape', [r([2, 6]), ints([0, 3, -1])]),
  c('Reshape', [r([2, 6]), ints([0, 3, -1])], {}, { opset: 12 }),
  c('Reshape', [r([2, 0]), ints([0, 5])], { allowzero: 1 }),
  c('ReverseSequence', [r([3, 3]), ints([1, 2, 3])], { batch_axis: 0, time_axis: 1 }),
  c('Shape', [r([2, 3, 4])], { start: 1, end: -1 }),
  c('Shape', [r([2, 3, 4])], {}, { opset: 14 }),
  c('Slice', [r([4, 5])], { starts: [1, 0], ends: [3, 4], axes: [1, 0] }, { opset: 9 }),
  c('Slice', [r([4, 5])], { starts: [1, -3], ends: [3, -1] }, { opset: 9 }),
  c('Slice', [r([4, 5])], { starts: [1], ends: [3], axes: [-1] }, { opset: 9 }),
  c('Slice', [r([4, 5]), ints([3, 1]), ints([0, 5]), ints([-1, 0]), ints([-2, 1])]),
  c('Slice', [r([4, 5]), ints([1, 1]), ints([3, 4])], {}, { opset: 10 }),
  c('Split', [r([2, 5]), ints([2, 3])], { axis: 1 }, { outputs: 2 }),
  c('Split', [r([2, 5]), ints([2, 3])], { axis: -1 }, { opset: 13, outputs: 2 }),
  c('Split', [r([2, 5])], { axis: 1, split: [2, 3] }, { opset: 7, outputs: 2 }),
  c('Split', [r([4, 2])], {}, { opset: 13, outputs: 2 }),
  c('Split', [r([4, 5])], { axis: 1, num_outputs: 2 }, { outputs: 2 }),
  c('Split', [r([4, 5])], { axis: -1, num_outputs: 3 }, { outputs: 3 }),
  c('Squeeze', [r([1, 3, 1])], { axes: [0] }, { opset: 12 }),
  c('Squeeze', [r([1, 3, 1])], { axes: [-1] }, { opset: 11 }),
  c('Squeeze', [r([1, 3, 1]), ints([-1])]),
  c('Squeeze', [r([1, 3, 1])], {}, { loose: 'batch' }),
  c('Unsqueeze', [r([3])], { axes: [0, 2] }, { opset: 12 }),
  c('Unsqueeze', [r([3])], { axes: [-1] }, { opset: 11 }),
  c('Unsqueeze', [r([3]), ints([-1, 0])]),
  c('Tile', [r([2, 3]), ints([2, 1])]),
  c('Transpose', [r([2, 3, 4])], { perm: [2, 0, 1] }),
  c('Transpose', [r([2, 3, 4])]),
];
