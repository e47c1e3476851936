import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { intAttribute } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { sizeOf, tensor } from '../../tensor/index.ts';
import { fromChannels, scaledOf } from '../composed.ts';
import type { ConvGeometry } from '../conv/geometry.ts';
import { convGeometry } from '../conv/geometry.ts';
import { convInput } from '../conv/input.ts';
import { convWeight } from '../conv/weight.ts';
import { reduceSum } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx: the transposed convolution of dy; dW: the correlation of x with dy; db: the sum of dy. */
export const conv = defineRule({
  op: 'Conv',
  inputs: ['X', 'W', 'B'],
  formulations: [
    'Conv with the flipped weight: X, stride 1',
    'one small Conv for each phase of the stride: X, strides up to 2',
    'zeros between the elements, then a flipped Conv: X, depthwise with a stride',
    'ConvTranspose, or a Conv into blocks of pixels: X, fewer than 16 input channels, and all others',
    'one product of moved maps, a product per tap, or a Conv with batch and channels swapped: W, by shape',
  ],
  backward: ({ b, node, x, dy, needs }) => {
    const dOut = dy[0] as string;
    const g = convGeometry(b, node);
    return [
      needs(0) ? inputGradient(b, node, dOut, g) : undefined,
      needs(1) ? convWeight(b, x[0] as string, dOut, g) : undefined,
      needs(2) ? reduceSum(b, dOut, [0, ...g.output.map((_, i) => i + 2)], false) : undefined,
    ];
  },
});

function inputGradient(b: GraphBuilder, node: Node, dy: string, g: ConvGeometry): string {
  const [input, weight] = node.inputs as [string, string];
  const scaled = scaledOf(b, dy);
  const constant = b.constantValue(weight);
  // What scaled the channels of dy, a batch normalization, is folded into the weight.
  if (scaled !== undefined && constant?.dtype === 'float32') {
    const w = b.constant(scaleRows(constant, scaled.factors), `${weight}_scaled`);
    return joinedInput(b, input, scaled.of, w, g);
  }
  return joinedInput(b, input, dy, weight, g);
}

/** Where the input is a concatenation, one convolution for each of its parts: their gradients need no splitting. */
function joinedInput(b: GraphBuilder, input: string, dy: string, w: string, g: ConvGeometry): string {
  const weight = b.constantValue(w);
  const parts = joinedChannels(b, input);
  if (parts === undefined || weight?.dtype !== 'float32' || g.group !== 1)
    return convInput(b, dy, w, g, input);
  let from = 0;
  const slices = parts.map((cin) => {
    const slice = b.constant(sliceColumns(weight, from, cin), `${w}_part`);
    from += cin;
    return convInput(b, dy, slice, { ...g, cin }, input);
  });
  return fromChannels(b, slices);
}

/** Channels of each input of the Concat that makes `name`, where each fills the runtime's blocks of 16. */
function joinedChannels(b: GraphBuilder, name: string): number[] | undefined {
  const maker = b.maker(name);
  if (maker?.op !== 'Concat' || intAttribute(maker, 'axis', 0) !== 1) return undefined;
  const channels = maker.inputs.map((part) => b.shape(part)?.[1]);
  return channels.every((c) => typeof c === 'number' && c % 16 === 0) ? (channels as number[]) : undefined;
}

/** The weight [O, C, ...] with each output's part times its factor. */
function scaleRows(weight: Tensor, factors: Float32Array): Tensor {
  const size = weight.data.length / factors.length;
  const data = new Float32Array(weight.data.length);
  for (const [row, factor] of factors.entries())
    for (let i = row * size; i < (row + 1) * size; i++) data[i] = (weight.data[i] as number) * factor;
  return tensor(data, weight.shape);
}

/** Input channels `from` to `from + count` of the weight [O, C, ...]. */
function sliceColumns(weight: Tensor, from: number, count: number): Tensor {
  const [out, cin, ...kernel] = weight.shape as [number, number, ...number[]];
  const area = sizeOf(kernel);
  const data = new Float32Array(out * count * area);
  for (let o = 0; o < out; o++) {
    const start = (o * cin + from) * area;
    data.set(weight.data.subarray(start, start + count * area), o * count * area);
  }
  return tensor(data, [out, count, ...kernel]);
}
