import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { float, type Graph, GraphBuilder, type Node, writeModel } from '../src/onnx/index.ts';
import type { NamedAttackResult } from '../src/report/index.ts';
import {
  type AnyTensor,
  int64,
  readNpy,
  type Tensor,
  tensor,
  toHalf,
  writeNpy,
} from '../src/tensor/index.ts';
import { type Ended, openWorld } from './cli-world.ts';
import { quantise } from './quantise.ts';
import { filled, normal } from './small-models.ts';

// From the file, as each exporter leaves it, to the images of an attack. What comes out is compared with two networks
// written here as sums of doubles, and with the differences of their losses.

const [side, classes, count, epsilon] = [8, 4, 6, 8 / 255];
const places = side * side;

/** A convolution 3x3 of RGB images, ReLU, and a layer on its map. */
const kernel = normal('exports kernel', [6, 3, 3, 3], 0.4);
const kernelBias = normal('exports kernel bias', [6], 0.2);
const head = normal('exports head', [6 * places, classes], 0.1);
const headBias = normal('exports head bias', [classes], 0.1);

function convolutional(pixels: ArrayLike<number>): number[] {
  const features: number[] = [];
  for (let f = 0; f < 6; f++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        let sum = kernelBias.data[f] as number;
        for (let c = 0; c < 3; c++)
          for (let dy = 0; dy < 3; dy++)
            for (let dx = 0; dx < 3; dx++) {
              const [row, column] = [y + dy - 1, x + dx - 1];
              if (row < 0 || column < 0 || row >= side || column >= side) continue;
              const pixel = pixels[c * places + row * side + column] as number;
              sum += pixel * (kernel.data[((f * 3 + c) * 3 + dy) * 3 + dx] as number);
            }
        features.push(Math.max(0, sum));
      }
  return layer(features, head, headBias);
}

/** Two layers on the pixels of grey images. */
const first = normal('exports first', [places, 12], 0.4);
const firstBias = normal('exports first bias', [12], 0.2);
const second = normal('exports second', [12, classes], 0.6);

function perceptron(pixels: ArrayLike<number>): number[] {
  const hidden = layer(pixels, first, firstBias).map((v) => Math.max(0, v));
  return layer(hidden, second, headBias);
}

function layer(values: ArrayLike<number>, weight: Tensor, bias: Tensor): number[] {
  const columns = weight.shape[1] as number;
  return Array.from({ length: columns }, (_, k) => {
    let sum = bias.data[k] as number;
    for (let i = 0; i < values.length; i++)
      sum += (values[i] as number) * (weight.data[i * columns + k] as number);
    return sum;
  });
}

function crossEntropy(logits: readonly number[], label: number): number {
  const most = Math.max(...logits);
  return most + Math.log(logits.reduce((a, z) => a + Math.exp(z - most), 0)) - (logits[label] as number);
}

function constants(b: GraphBuilder, named: Readonly<Record<string, AnyTensor>>): void {
  for (const [name, value] of Object.entries(named))
    if (b.constant(value, name) !== name) throw new Error(`the name ${name} is taken`);
}

type Part = [
  op: string,
  inputs: string[],
  output: string,
  attributes?: Parameters<GraphBuilder['node']>[2],
  domain?: string,
];

/** A graph whose nodes have the names that an exporter gives, `name(op, i)`, and whose opset is that of its time. */
function graphOf(
  opset: number,
  input: readonly [name: string, shape: readonly (number | string)[]],
  weights: Readonly<Record<string, AnyTensor>>,
  parts: readonly Part[],
  more: { outputs: readonly string[]; name: (op: string, at: number, output: string) => string },
): Graph {
  const b = new GraphBuilder(undefined, { name: 'exported', opset });
  b.input(input[0], 'float32', input[1]);
  constants(b, weights);
  for (const [op, inputs, output, attributes = {}, domain = ''] of parts)
    b.node(op, inputs, attributes, { outputs: [output], domain });
  b.setOutputs(more.outputs);
  const graph = b.finish();
  const nodes = graph.nodes.map((n, at): Node => ({ ...n, name: more.name(n.op, at, n.outputs[0] ?? '') }));
  return { ...graph, nodes };
}

function turned(t: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => t.shape[axis] as number);
  const strides = t.shape.map((_, axis) => t.shape.slice(axis + 1).reduce((a, d) => a * d, 1));
  const data = Float32Array.from(t.data, (_, to) => {
    let [rest, from] = [to, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % (shape[axis] as number)) * (strides[perm[axis] as number] as number);
      rest = Math.floor(rest / (shape[axis] as number));
    }
    return t.data[from] as number;
  });
  return tensor(data, shape);
}

/** The head's weights for a map whose channels are its last axis. */
const headLast = tensor(turned(tensor(head.data, [6, places, classes]), [1, 0, 2]).data, head.shape);
const half = (t: Tensor): AnyTensor => tensor(Uint16Array.from(t.data, toHalf), t.shape, 'float16');
const padded = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** torch.onnx.export as it was: one image, opset 11, numbers for tensors. */
const torch1 = graphOf(
  11,
  ['input.1', [1, 3, side, side]],
  {
    'conv1.weight': kernel,
    'conv1.bias': kernelBias,
    'fc.weight': turned(head, [1, 0]),
    'fc.bias': headBias,
  },
  [
    ['Conv', ['input.1', 'conv1.weight', 'conv1.bias'], '5', { ...padded, strides: [1, 1], group: 1 }],
    ['Relu', ['5'], '6'],
    ['Flatten', ['6'], '7', { axis: 1 }],
    ['Gemm', ['7', 'fc.weight', 'fc.bias'], '8', { alpha: float(1), beta: float(1), transB: 1 }],
  ],
  { outputs: ['8'], name: (op, at) => `${op}_${at}` },
);

/** The exporter of PyTorch 2: opset 18, a batch of its own, names of functions. */
const torch2 = graphOf(
  18,
  ['x', ['s0', 3, side, side]],
  {
    'conv.weight': kernel,
    'conv.bias': kernelBias,
    'fc.weight': turned(head, [1, 0]),
    'fc.bias': headBias,
    val_2: int64([-1, 6 * places]),
  },
  [
    ['Conv', ['x', 'conv.weight', 'conv.bias'], 'conv2d', padded],
    ['Relu', ['conv2d'], 'relu'],
    ['Reshape', ['relu', 'val_2'], 'view', { allowzero: 1 }],
    ['Gemm', ['view', 'fc.weight', 'fc.bias'], 'linear', { transB: 1 }],
  ],
  { outputs: ['linear'], name: (op, at) => `node_${op}_${at}` },
);

/** tf2onnx of a Keras model: NHWC outside, Transposes around the convolution, a softmax at the end. */
const tf2onnx = graphOf(
  13,
  ['input_1', ['unk__16', side, side, 3]],
  {
    'StatefulPartitionedCall/model/conv2d/Conv2D/ReadVariableOp:0': kernel,
    'StatefulPartitionedCall/model/conv2d/BiasAdd/ReadVariableOp:0': kernelBias,
    'StatefulPartitionedCall/model/dense/MatMul/ReadVariableOp:0': headLast,
    'StatefulPartitionedCall/model/dense/BiasAdd/ReadVariableOp:0': headBias,
    const_fold_opt__20: int64([-1, 6 * places]),
  },
  [
    ['Transpose', ['input_1'], 'Conv2D__6:0', { perm: [0, 3, 1, 2] }],
    [
      'Conv',
      [
        'Conv2D__6:0',
        'StatefulPartitionedCall/model/conv2d/Conv2D/ReadVariableOp:0',
        'StatefulPartitionedCall/model/conv2d/BiasAdd/ReadVariableOp:0',
      ],
      'BiasAdd:0',
      { ...padded, auto_pad: 'NOTSET' },
    ],
    ['Relu', ['BiasAdd:0'], 'Relu:0'],
    ['Transpose', ['Relu:0'], 'Conv2D__9:0', { perm: [0, 2, 3, 1] }],
    ['Reshape', ['Conv2D__9:0', 'const_fold_opt__20'], 'flatten:0'],
    ['MatMul', ['flatten:0', 'StatefulPartitionedCall/model/dense/MatMul/ReadVariableOp:0'], 'MatMul:0'],
    ['Add', ['MatMul:0', 'StatefulPartitionedCall/model/dense/BiasAdd/ReadVariableOp:0'], 'BiasAdd_1:0'],
    ['Softmax', ['BiasAdd_1:0'], 'dense', { axis: 1 }],
  ],
  { outputs: ['dense'], name: (_, __, output) => `StatefulPartitionedCall/model/${output.split(':')[0]}` },
);

/** Keras' own exporter: NHWC, the channels of grey images last, a softmax inside. */
const keras = graphOf(
  15,
  ['keras_tensor', ['unk__0', side, side, 1]],
  {
    'dense/kernel': first,
    'dense/bias': firstBias,
    'dense_1/kernel': second,
    'dense_1/bias': headBias,
    shape: int64([-1, places]),
  },
  [
    ['Reshape', ['keras_tensor', 'shape'], 'sequential_1/flatten_1/Reshape:0'],
    ['MatMul', ['sequential_1/flatten_1/Reshape:0', 'dense/kernel'], 'sequential_1/dense_1/MatMul:0'],
    ['Add', ['sequential_1/dense_1/MatMul:0', 'dense/bias'], 'sequential_1/dense_1/Add:0'],
    ['Relu', ['sequential_1/dense_1/Add:0'], 'sequential_1/dense_1/Relu:0'],
    ['MatMul', ['sequential_1/dense_1/Relu:0', 'dense_1/kernel'], 'sequential_1/dense_1_2/MatMul:0'],
    ['Add', ['sequential_1/dense_1_2/MatMul:0', 'dense_1/bias'], 'sequential_1/dense_1_2/Add:0'],
    ['Softmax', ['sequential_1/dense_1_2/Add:0'], 'dense_1', { axis: -1 }],
  ],
  { outputs: ['dense_1'], name: (op, at) => `sequential_1/${op}_${at}` },
);

/** skl2onnx of an MLPClassifier: a row of pixels, labels, and maps of probabilities. */
const scikit = graphOf(
  15,
  ['X', ['?X', places]],
  {
    coefficient: first,
    intercepts: tensor(firstBias.data, [1, 12]),
    coefficient1: second,
    intercepts1: tensor(headBias.data, [1, classes]),
    classes: int64([0, 1, 2, 3]),
    shape_tensor: int64([-1]),
  },
  [
    ['Cast', ['X'], 'cast_input', { to: 1 }],
    ['MatMul', ['cast_input', 'coefficient'], 'mul_result'],
    ['Add', ['mul_result', 'intercepts'], 'add_result'],
    ['Relu', ['add_result'], 'next_activations'],
    ['MatMul', ['next_activations', 'coefficient1'], 'mul_result1'],
    ['Add', ['mul_result1', 'intercepts1'], 'add_result1'],
    ['Softmax', ['add_result1'], 'out_activations_result', { axis: 1 }],
    ['ArgMax', ['out_activations_result'], 'argmax_output', { axis: 1 }],
    [
      'ArrayFeatureExtractor',
      ['classes', 'argmax_output'],
      'array_feature_extractor_result',
      {},
      'ai.onnx.ml',
    ],
    ['Reshape', ['array_feature_extractor_result', 'shape_tensor'], 'reshaped_result'],
    ['Cast', ['reshaped_result'], 'label', { to: 7 }],
    [
      'ZipMap',
      ['out_activations_result'],
      'probabilities',
      { classlabels_int64s: [0, 1, 2, 3] },
      'ai.onnx.ml',
    ],
  ],
  { outputs: ['label', 'probabilities'], name: (op, at) => (at === 0 ? op : `${op}${at}`) },
);

/** Weights and activations in half precision, inputs and outputs left as they were. */
const float16 = graphOf(
  17,
  ['input', ['batch', 3, side, side]],
  { w: half(kernel), c: half(kernelBias), v: half(turned(head, [1, 0])), d: half(headBias) },
  [
    ['Cast', ['input'], 'graph_input_cast_0', { to: 10 }],
    ['Conv', ['graph_input_cast_0', 'w', 'c'], '/conv/Conv_output_0', padded],
    ['Relu', ['/conv/Conv_output_0'], '/Relu_output_0'],
    ['Flatten', ['/Relu_output_0'], '/Flatten_output_0', { axis: 1 }],
    ['Gemm', ['/Flatten_output_0', 'v', 'd'], 'graph_output_cast_0', { transB: 1 }],
    ['Cast', ['graph_output_cast_0'], 'output', { to: 1 }],
  ],
  { outputs: ['output'], name: (_, __, output) => output.replace(/_output_0$/, '') },
);

/** Between the levels at which an attack would leave the range of pixels. */
const colour = filled('exports colour', [count, 3, side, side], 0.1, 0.9);
const grey = filled('exports grey', [count, 1, side, side], 0.1, 0.9);

/** What quantisation starts from: weights of Gemm as columns. */
const plain = graphOf(
  18,
  ['input', ['N', 3, side, side]],
  { w: kernel, c: kernelBias, v: head, d: headBias },
  [
    ['Conv', ['input', 'w', 'c'], 'map', padded],
    ['Relu', ['map'], 'relu'],
    ['Flatten', ['relu'], 'row', { axis: 1 }],
    ['Gemm', ['row', 'v', 'd'], 'output'],
  ],
  { outputs: ['output'], name: (op, at) => `${op}_${at}` },
);

interface Exported {
  graph: Graph | Promise<Graph>;
  reference: (pixels: ArrayLike<number>) => number[];
  images: Tensor;
  /** Slopes below this share of the steepest are not compared. */
  exact: number;
  flags: string[];
  /** Its one line. */
  sidecar?: string;
}

const [mean, std] = [[0.48, 0.45, 0.41], 0.25];
const rgb = { reference: convolutional, images: colour, exact: 1e-3 };
const dense = { reference: perceptron, images: grey, exact: 1e-3 };
const exported: Record<string, Exported> = {
  'pytorch-1': { ...rgb, graph: torch1, flags: ['NO_SIDECAR'] },
  'pytorch-2': { ...rgb, graph: torch2, flags: ['NO_SIDECAR'] },
  'pytorch-2-normalised': {
    ...rgb,
    graph: torch2,
    reference: (pixels) =>
      convolutional(
        Float64Array.from(pixels, (v, i) => (v - (mean[Math.floor(i / places)] as number)) / std),
      ),
    sidecar: JSON.stringify({
      input: { name: 'x', height: side, width: side, channels: 'RGB' },
      preprocessing: { mean, std: [std, std, std] },
      output: { name: 'linear', classes },
    }),
    flags: [],
  },
  tf2onnx: { ...rgb, graph: tf2onnx, flags: ['SOFTMAX_OUTPUT', 'NO_SIDECAR'] },
  keras: { ...dense, graph: keras, flags: ['SOFTMAX_OUTPUT', 'NO_SIDECAR'] },
  'scikit-learn': { ...dense, graph: scikit, flags: ['SOFTMAX_OUTPUT', 'NO_SIDECAR'] },
  qdq: { ...rgb, graph: quantise(plain, colour), exact: 0.3, flags: ['NO_SIDECAR', 'STRAIGHT_THROUGH'] },
  qoperator: {
    ...rgb,
    graph: quantise(plain, colour, 'operators'),
    exact: 0.3,
    flags: ['NO_SIDECAR', 'STRAIGHT_THROUGH'],
  },
  float16: { ...rgb, graph: float16, exact: 0.05, flags: ['NO_SIDECAR'] },
};

let said: Ended[];
let world: Awaited<ReturnType<typeof openWorld>>;
const at = (name: string): string => path.join(world.folder, name);

/** The class that a reference names. */
function classOf(logits: readonly number[]): number {
  return logits.indexOf(Math.max(...logits));
}

function rowOf(images: Tensor, row: number): Float64Array {
  const size = images.data.length / count;
  return Float64Array.from(images.data.subarray(row * size, (row + 1) * size));
}

beforeAll(async () => {
  world = await openWorld();
  for (const [name, { graph, reference, images, sidecar }] of Object.entries(exported)) {
    writeFileSync(at(`${name}.onnx`), writeModel(await graph));
    if (sidecar !== undefined) writeFileSync(at(`${name}.json`), sidecar);
    writeFileSync(at(`${name}-x.npy`), writeNpy(images));
    const labels = Array.from({ length: count }, (_, row) => classOf(reference(rowOf(images, row))));
    writeFileSync(at(`${name}-y.npy`), writeNpy(int64(labels)));
  }
  said = await world.all(
    Object.keys(exported).map(
      (name) =>
        `attack ${name}.onnx --images ${name}-x.npy --labels ${name}-y.npy --attack fgsm --epsilon 8/255 --pixels float32 --save ${name}-out --hosts 1 --json`,
    ),
  );
});
afterAll(() => world.close());

/** Differences of the loss, in every pixel. */
function slopesOf(loss: (pixels: Float64Array) => number, pixels: Float64Array): number[] {
  return Array.from(pixels, (value, p) => {
    const at = (moved: number): number => {
      pixels[p] = moved;
      const out = loss(pixels);
      pixels[p] = value;
      return out;
    };
    return (at(value + 1e-6) - at(value - 1e-6)) / 2e-6;
  });
}

test.for(Object.entries(exported))('%s, from its file to an attack', ([name, given]) => {
  const { images, reference, exact, flags } = given;
  const { out, err, code } = said[Object.keys(exported).indexOf(name)] as Ended;
  expect([err, code]).toEqual(['', 0]);
  const result = JSON.parse(out) as NamedAttackResult;
  expect(result.flags.map((f) => f.code)).toEqual(flags);
  const attacked = readNpy(readFileSync(at(`${name}-out/adversarial.npy`))) as Tensor;
  const size = images.data.length / count;
  for (let row = 0; row < count; row++) {
    const pixels = rowOf(images, row);
    const label = classOf(reference(pixels));
    expect([row, result.samples[row]?.clean]).toEqual([row, label]);
    const slopes = slopesOf((moved) => crossEntropy(reference(moved), label), pixels);
    const steepest = Math.max(...slopes.map(Math.abs));
    const compared = slopes.flatMap((slope, p) => (Math.abs(slope) > exact * steepest ? [p] : []));
    expect(compared.length).toBeGreaterThan(size / 4);
    const wrong = compared.filter((p) => {
      const moved = (attacked.data[row * size + p] as number) - (pixels[p] as number);
      return Math.abs(moved - epsilon * Math.sign(slopes[p] as number)) > 1e-6;
    });
    expect([row, wrong]).toEqual([row, []]);
  }
});
