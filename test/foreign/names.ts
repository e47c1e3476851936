import type { Dim } from '../../src/onnx/index.ts';
import { int64 } from '../../src/tensor/index.ts';
import { type Foreign, graphOf, weights } from './structure.ts';

/** What a network of a convolution and a dense layer calls its parts. */
interface Names {
  /** Convolution, activation, flattening, product, sum. */
  readonly nodes: readonly string[];
  /** Input, what each node makes. */
  readonly tensors: readonly string[];
  /** Kernel, its bias, matrix, its bias. */
  readonly constants?: readonly string[];
  readonly batch?: Dim;
}

function named(
  name: string,
  { nodes, tensors, constants = ['conv.w', 'conv.b', 'fc.w', 'fc.b'], batch = 'N' }: Names,
): Foreign {
  const [x = '', c = '', a = '', f = '', m = '', y = ''] = tensors;
  const [kernel = '', offset = '', matrix = '', bias = ''] = constants;
  const [conv = '', act = '', flat = '', product = '', sum = ''] = nodes;
  return {
    name,
    graph: graphOf({
      inputs: { [x]: [batch, 3, 4, 4] },
      outputs: { [y]: [batch, 4] },
      constants: Object.fromEntries([
        [kernel, weights([4, 3, 3, 3], 'kernel', 3)],
        [offset, weights([4], 'offset')],
        [matrix, weights([64, 4], 'matrix', 3)],
        [bias, weights([4], 'bias')],
      ]),
      lines: [
        [conv, 'Conv', [x, kernel, offset], [c], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
        [act, 'Tanh', [c], [a]],
        [flat, 'Flatten', [a], [f], { axis: 1 }],
        [product, 'MatMul', [f, matrix], [m]],
        [sum, 'Add', [m, bias], [y]],
      ],
    }),
  };
}

const plain = ['a', 'b', 'c', 'd', 'e'];

export const names: readonly Foreign[] = [
  named('PyTorch 1.x: operator and number', {
    nodes: ['Conv_0', 'Tanh_1', 'Flatten_2', 'MatMul_3', 'Add_4'],
    tensors: ['input.1', '11', '12', '13', '14', '15'],
    constants: ['0.weight', '0.bias', '16', '3.bias'],
  }),
  named('numbers that new nodes would take', {
    nodes: ['Conv_1', 'Tanh', 'Gemm_2', 'MatMul_1', 'Add_1'],
    tensors: ['input', 'Conv', 'Tanh_1', 'Reshape', 'MatMul', 'Add'],
    constants: ['constant', 'ints', 'scalar', 'floats'],
  }),
  named('PyTorch 2.x: paths', {
    nodes: ['/0/Conv', '/1/Tanh', '/2/Flatten', '/3/MatMul', '/3/Add'],
    tensors: [
      'input',
      '/0/Conv_output_0',
      '/1/Tanh_output_0',
      '/2/Flatten_output_0',
      '/3/MatMul_output_0',
      'output',
    ],
    constants: ['0.weight', '0.bias', 'onnx::MatMul_12', '3.bias'],
    batch: 'batch_size',
  }),
  named('PyTorch with torch.export: node_ and dotted', {
    nodes: ['node_conv2d', 'node_tanh', 'node_view', 'node_linear', 'node_add'],
    tensors: ['x', 'conv2d', 'tanh', 'view', 'val_3', 'linear'],
    batch: 's77',
  }),
  named('tf2onnx: scopes and output numbers', {
    nodes: [
      'model/conv2d/Conv2D',
      'model/conv2d/Tanh',
      'model/flatten/Reshape',
      'model/dense/MatMul',
      'model/dense/BiasAdd',
    ],
    tensors: [
      'input_1:0',
      'model/conv2d/Conv2D:0',
      'model/conv2d/Tanh:0',
      'model/flatten/Reshape:0',
      'model/dense/MatMul:0',
      'dense',
    ],
    constants: ['const_fold_opt__12', 'Conv2D/ReadVariableOp:0', 'MatMul/ReadVariableOp:0', 'new_shape__9'],
    batch: 'unk__13',
  }),
  named('nodes without names', { nodes: ['', '', '', '', ''], tensors: ['x', 'c', 't', 'f', 'm', 'y'] }),
  named('nodes called as what they make', {
    nodes: ['c', 't', 'f', 'm', 'y'],
    tensors: ['x', 'c', 't', 'f', 'm', 'y'],
  }),
  named('nodes called as tensors that others make', {
    nodes: ['y', 'm', 'x', 'c', 't'],
    tensors: ['x', 'c', 't', 'f', 'm', 'y'],
  }),
  named('tensors called as the project calls its own', {
    nodes: ['gradient', 'value', 'logits', 'labels', 'grad'],
    tensors: ['logits', 'images', 'grad_images', 'labels', 'value', 'net/logits'],
    constants: ['classes', 'cotangent', 'resized', 'net/images'],
  }),
  named('an input and an output called the other way round', {
    nodes: plain,
    tensors: ['logits', 'centred', 'normalised', 'nhwc', 'typed', 'images'],
  }),
  named('numbers alone', {
    nodes: ['0', '1', '2', '3', '4'],
    tensors: ['0', '1', '2', '3', '4', '5'],
    constants: ['6', '7', '8', '9'],
  }),
  named('names of the language', {
    nodes: ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'],
    tensors: ['prototype', 'toString', 'valueOf', 'length', 'name', 'constructor'],
  }),
  named('spaces, slashes and signs of other tongues', {
    nodes: ['eine Faltung', '切る', 'a\\b', 'c"d', "e'f"],
    tensors: ['ein Bild', 'cœur', '\u00e9', 'e\u0301', '{x}', 'Klassen, vier'],
    batch: 'N+1',
  }),
  named('a batch called like a size that is free elsewhere', {
    nodes: plain,
    tensors: ['x', 'c', 't', 'f', 'm', 'y'],
    batch: '?1',
  }),
  {
    name: 'weights as nodes, as old PyTorch wrote them',
    graph: graphOf({
      inputs: { x: ['N', 3, 4, 4] },
      outputs: { y: ['N', 4] },
      lines: [
        [
          'Constant_0',
          'Constant',
          '',
          'w',
          { value: { type: 'tensor', value: weights([48, 4], 'matrix', 3) } },
        ],
        ['Constant_1', 'Constant', '', 's', { value: { type: 'tensor', value: int64([-1, 48]) } }],
        ['Reshape_2', 'Reshape', 'x s', 'f'],
        ['Tanh_3', 'Tanh', 'f', 't'],
        ['MatMul_4', 'MatMul', 't w', 'y'],
      ],
    }),
  },
];
