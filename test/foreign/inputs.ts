import { float } from '../../src/onnx/index.ts';
import { int64, tensor } from '../../src/tensor/index.ts';
import { type Foreign, graphOf, type Line, weights } from './structure.ts';

const dense = { 'fc.w': weights([48, 4], 'matrix', 4), 'fc.b': weights([4], 'bias') };
/** A dense layer on rows of 48. */
const head = (from: string): Line[] => [
  ['act', 'Tanh', from, 'act_out'],
  ['fc', 'Gemm', 'act_out fc.w fc.b', 'y'],
];
const flat = { input: { layout: 'flat', height: 4, width: 4, channels: 'RGB' } };

export const inputs: readonly Foreign[] = [
  {
    name: 'flat rows',
    sidecar: flat,
    graph: graphOf({
      inputs: { x: ['N', 48] },
      outputs: { y: ['N', 4] },
      constants: dense,
      lines: head('x'),
    }),
  },
  {
    name: 'one flat row',
    sidecar: flat,
    graph: graphOf({ inputs: { x: [1, 48] }, outputs: { y: [1, 4] }, constants: dense, lines: head('x') }),
  },
  {
    name: 'a flat row without a batch',
    sidecar: flat,
    graph: graphOf({
      inputs: { x: [48] },
      outputs: { y: [4] },
      constants: { ...dense, row: int64([1, 48]), out: int64([4]) },
      lines: [
        ['row', 'Reshape', 'x row', 'rows'],
        ['act', 'Tanh', 'rows', 'act_out'],
        ['fc', 'Gemm', 'act_out fc.w fc.b', 'z'],
        ['flat', 'Reshape', 'z out', 'y'],
      ],
    }),
  },
  {
    name: 'an image without a batch',
    sidecar: { input: { height: 4, width: 4, channels: 'RGB' } },
    graph: graphOf({
      inputs: { x: [3, 4, 4] },
      outputs: { y: [1, 4] },
      constants: { ...dense, row: int64([1, 48]) },
      lines: [['row', 'Reshape', 'x row', 'rows'], ...head('rows')],
    }),
  },
  {
    name: 'NHWC, transposed at once',
    graph: graphOf({
      inputs: { 'input_1:0': ['unk__1', 4, 4, 3] },
      outputs: { y: ['unk__1', 4] },
      constants: { ...dense, k: weights([3, 3, 3, 3], 'kernel', 3) },
      lines: [
        ['Transpose__6', 'Transpose', 'input_1:0', 't', { perm: [0, 3, 1, 2] }],
        ['Conv2D', 'Conv', 't k', 'c', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
        ['Transpose__8', 'Transpose', 'c', 'back', { perm: [0, 2, 3, 1] }],
        ['flat', 'Flatten', 'back', 'f', { axis: 1 }],
        ...head('f'),
      ],
    }),
  },
  {
    name: 'NHWC, flattened as it is',
    graph: graphOf({
      inputs: { x: ['N', 4, 4, 3] },
      outputs: { y: ['N', 4] },
      constants: dense,
      lines: [['flat', 'Flatten', 'x', 'f', { axis: 1 }], ...head('f')],
    }),
  },
  ...[1, 2, 7].map(
    (batch): Foreign => ({
      name: `a batch of ${batch}, by name everywhere`,
      graph: graphOf({
        inputs: { x: [batch, 3, 4, 4] },
        outputs: { y: [batch, 4] },
        constants: { ...dense, s: int64([batch, 48]) },
        lines: [['flat', 'Reshape', 'x s', 'f'], ...head('f')],
      }),
    }),
  ),
  {
    name: 'a free batch that is reshaped to one row',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: { ...dense, s: int64([1, -1]) },
      lines: [['view', 'Reshape', 'x s', 'f'], ...head('f')],
    }),
  },
  {
    name: 'a view by the size of the batch, as PyTorch traces it',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: { ...dense, zero: int64([0], []), rest: int64([-1]), axes: int64([0]) },
      lines: [
        ['Shape_0', 'Shape', 'x', 'shape'],
        ['Gather_1', 'Gather', 'shape zero', 'n', { axis: 0 }],
        ['Unsqueeze_2', 'Unsqueeze', 'n axes', 'n1'],
        ['Concat_3', 'Concat', 'n1 rest', 'size', { axis: 0 }],
        ['Reshape_4', 'Reshape', 'x size', 'f'],
        ...head('f'),
      ],
    }),
  },
  {
    name: 'a view that keeps the batch by 0',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: { ...dense, s: int64([0, -1]) },
      lines: [['view', 'Reshape', 'x s', 'f'], ...head('f')],
    }),
  },
  {
    name: 'images of any size',
    graph: graphOf({
      inputs: { x: ['batch', 3, 'height', 'width'] },
      outputs: { y: ['batch', 4] },
      constants: { k: weights([4, 3, 3, 3], 'kernel', 9) },
      lines: [
        ['conv', 'Conv', 'x k', 'c', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }],
        ['act', 'Tanh', 'c', 't'],
        ['pool', 'GlobalAveragePool', 't', 'p'],
        ['flat', 'Flatten', 'p', 'y', { axis: 1 }],
      ],
    }),
  },
  {
    name: 'a second input that nothing reads',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4], unused: ['float32', 1] },
      outputs: { y: ['N', 4] },
      constants: dense,
      lines: [['flat', 'Flatten', 'x', 'f', { axis: 1 }], ...head('f')],
    }),
  },
  {
    name: 'a second input that says how much is dropped',
    sidecar: { inputs: { keep_prob: 0.5 } },
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4], keep_prob: ['float32'] },
      outputs: { y: ['N', 4] },
      constants: dense,
      lines: [
        ['flat', 'Flatten', 'x', 'f', { axis: 1 }],
        ['keep', 'Mul', 'f keep_prob', 'kept'],
        ...head('kept'),
      ],
    }),
  },
  {
    // What is rounded to 16 bits has no differences to compare with.
    name: 'an input of float64, cast at once',
    graph: graphOf({
      inputs: { x: ['float64', 'N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: dense,
      lines: [
        ['cast', 'Cast', 'x', 'real', { to: 1 }],
        ['flat', 'Flatten', 'real', 'f', { axis: 1 }],
        ...head('f'),
      ],
    }),
  },
  {
    name: 'levels and means within the graph',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: {
        ...dense,
        top: tensor(Float32Array.of(255), []),
        mean: tensor(Float32Array.of(123.7, 116.8, 103.9), [1, 3, 1, 1]),
        scale: tensor(Float32Array.of(0.017), []),
      },
      lines: [
        ['levels', 'Mul', 'x top', 'l'],
        ['centre', 'Sub', 'l mean', 'c'],
        ['scale', 'Mul', 'c scale', 's'],
        ['flat', 'Flatten', 's', 'f', { axis: 1 }],
        ...head('f'),
      ],
    }),
  },
  {
    name: 'channels turned round within the graph',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: { ...dense, bgr: int64([2, 1, 0]) },
      lines: [
        ['bgr', 'Gather', 'x bgr', 'g', { axis: 1 }],
        ['flat', 'Flatten', 'g', 'f', { axis: 1 }],
        ...head('f'),
      ],
    }),
  },
  {
    name: 'one channel',
    graph: graphOf({
      inputs: { x: ['N', 1, 4, 4] },
      outputs: { y: ['N', 4] },
      constants: { 'fc.w': weights([16, 4], 'grey', 4), 'fc.b': weights([4], 'bias') },
      lines: [
        ['act', 'LeakyRelu', 'x', 'a', { alpha: float(0.3) }],
        ['flat', 'Flatten', 'a', 'f', { axis: 1 }],
        ...head('f'),
      ],
    }),
  },
];
