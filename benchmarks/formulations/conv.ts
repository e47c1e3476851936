import type { Tensor } from 'advarena/tensor';
import { flippedConv } from '../../src/autodiff/conv/flipped.ts';
import { type ConvGeometry, convGeometry } from '../../src/autodiff/conv/geometry.ts';
import { insertedConv } from '../../src/autodiff/conv/insertion.ts';
import { phaseConvs } from '../../src/autodiff/conv/phases.ts';
import { transposedConv } from '../../src/autodiff/conv/transposed.ts';
import { convolve, type Formulation, type Site, type Subject } from './subject.ts';

type ConvBackward = (b: Site['b'], dy: string, w: string, g: ConvGeometry) => string;

/** A formulation from one of src/autodiff/conv. */
export function conv(name: string, backward: ConvBackward): Formulation {
  const write = ({ b, node, dy }: Site): string =>
    backward(b, dy, node.inputs[1] as string, convGeometry(b, node));
  return { name, write };
}

export const transposed = conv('ConvTranspose', transposedConv);
export const flipped = conv('flipped Conv', flippedConv);
export const phases = conv('one Conv per phase', phaseConvs);
export const inserted = conv('zeros inserted, flipped Conv', insertedConv);

/** Every tap's contribution as rows of one product, then summed where they overlap. */
const columns = conv('MatMul, Col2Im', (b, dy, w, g) => {
  const { data, shape } = b.constantValue(w) as Tensor;
  const [out, cin, kh, kw] = shape as [number, number, number, number];
  const rows = cin * kh * kw;
  const matrix = new Float32Array(rows * out);
  for (const [i, v] of data.entries()) matrix[(i % rows) * out + Math.floor(i / rows)] = v;
  const left = b.constant({ dtype: 'float32', shape: [rows, out], data: matrix }, 'rows');
  const taps = b.op('MatMul', [left, b.op('Reshape', [dy, b.ints([0, out, -1])])]);
  const { strides, begin, end } = g.windows;
  return b.op('Col2Im', [taps, b.ints(g.input), b.ints([kh, kw])], { strides, pads: [...begin, ...end] });
});

/** The same of a depthwise Conv, where each product is of one number. */
const taps = conv('Mul per tap, Col2Im', (b, dy, w, g) => {
  const { data, shape } = b.constantValue(w) as Tensor;
  const [channels, , kh, kw] = shape as [number, number, number, number];
  const factors = b.constant({ dtype: 'float32', shape: [channels, kh * kw, 1], data }, 'taps');
  const count = (g.output[0] as number) * (g.output[1] as number);
  const products = b.op('Mul', [b.op('Reshape', [dy, b.ints([0, channels, 1, count])]), factors]);
  const rows = b.op('Reshape', [products, b.ints([0, channels * kh * kw, count])]);
  const { strides, begin, end } = g.windows;
  return b.op('Col2Im', [rows, b.ints(g.input), b.ints([kh, kw])], { strides, pads: [...begin, ...end] });
});

const of = (
  operator: string,
  [batch, cin, size]: readonly [number, number, number],
  [cout, k, stride, group]: readonly [number, number, number, number],
  formulations: readonly Formulation[],
): Subject => ({
  operator,
  shape: `[${batch},${cin},${size},${size}]${cin === cout ? '' : ` to ${cout}`}`,
  inputs: [[batch, cin, size, size]],
  operate: (b, [x]) => convolve(b, x as string, cout, k, { stride, group }),
  formulations,
});

const dense = [flipped, transposed, columns];
const strided = [phases, transposed, inserted, columns];
const depthwise = [flipped, transposed, taps];
const stridedDepthwise = [inserted, phases, transposed, taps];

/** Behind a 1 x 1 Conv that makes six channels of one. */
const widened: Subject = {
  operator: 'depthwise Conv 3x3 / 2, widened',
  shape: '[4,16,112,112] to 96',
  inputs: [[4, 16, 112, 112]],
  operate: (b, [x]) =>
    convolve(b, b.op('Relu', [convolve(b, x as string, 96, 1)]), 96, 3, { stride: 2, group: 96 }),
  formulations: stridedDepthwise,
};

export const convs: Subject[] = [
  of('Conv 3x3', [4, 64, 56], [64, 3, 1, 1], dense),
  of('Conv 3x3', [16, 32, 16], [32, 3, 1, 1], dense),
  of('Conv 3x3 / 2', [4, 64, 56], [128, 3, 2, 1], strided),
  of('Conv 3x3 / 2', [16, 16, 32], [32, 3, 2, 1], strided),
  of('depthwise Conv 3x3', [4, 64, 112], [64, 3, 1, 64], depthwise),
  of('depthwise Conv 3x3', [4, 256, 28], [256, 3, 1, 256], depthwise),
  of('depthwise Conv 3x3 / 2', [4, 64, 112], [64, 3, 2, 64], stridedDepthwise),
  of('depthwise Conv 3x3 / 2', [4, 256, 28], [256, 3, 2, 256], stridedDepthwise),
  widened,
];
