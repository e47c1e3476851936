import { type Graph, GraphBuilder } from '../onnx/index.ts';
import type { InputSize } from '../tensor/index.ts';
import { type Tensor, tensor } from '../tensor/index.ts';

/** Quantisation steps of quality 50, ITU-T T.81 tables K.1 and K.2, row by row. */
const luminance = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].flat();
const chrominance = [
  [17, 18, 24, 47, 99, 99, 99, 99],
  [18, 21, 26, 66, 99, 99, 99, 99],
  [24, 26, 56, 99, 99, 99, 99, 99],
  [47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 4 }, () => Array.from({ length: 8 }, () => 99)),
].flat();

/** Quantisation steps at a quality of 1 to 100, as libjpeg scales them. */
function stepsAt(quality: number, table: readonly number[]): number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
}

/** JFIF: levels R, G, B to Y, Cb, Cr, each around 0. */
const toYcc = [
  [0.299, 0.587, 0.114],
  [-0.168735892, -0.331264108, 0.5],
  [0.5, -0.418687589, -0.081312411],
];
const fromYcc = [
  [1, 0, 1.402],
  [1, -0.344136286, -0.714136286],
  [1, 1.772, 0],
];

/**
 * JPEG as a graph from `images` [N, C, H, W] to `images_out`, C being 1 or 3: colour, chroma subsampling (means of
 * 2x2, back by linear interpolation), the cosine transform of 8x8 blocks, quantisation, and the way back. Entropy
 * coding loses nothing and is left out, as is the rounding of colours to 8 bits.
 */
export function jpegGraph(
  { channels, height, width }: InputSize,
  quality: number,
  subsampling: '4:2:0' | '4:4:4',
): Graph {
  const b = new GraphBuilder(undefined, { name: 'jpeg' });
  const images = b.input('images', 'float32', ['N', channels, height, width]);
  const half = channels === 3 && subsampling === '4:2:0';
  const padded = extend(b, images, height, width, half ? 16 : 8);
  const through = (x: string, count: number, table: readonly number[]): string =>
    blocks(b, x, count, stepsAt(quality, table));

  let out: string;
  if (channels === 1) {
    const grey = mix(b, padded, [[255]], [-128]);
    const plane = cut(b, through(grey, 1, luminance), [2, 3], [0, 0], [height, width]);
    out = mix(b, plane, [[1 / 255]], [128 / 255]);
  } else {
    const ycc = mix(b, padded, scaled(toYcc, 255), [-128, 0, 0]);
    const luma = cut(b, through(cut(b, ycc, [1], [0], [1]), 1, luminance), [2, 3], [0, 0], [height, width]);
    let chroma = cut(b, ycc, [1], [1], [3]);
    if (half) {
      chroma = b.op('AveragePool', [chroma], { kernel_shape: [2, 2], strides: [2, 2] });
      chroma = through(chroma, 2, chrominance);
      chroma = cut(b, chroma, [2, 3], [0, 0], [Math.ceil(height / 2), Math.ceil(width / 2)]);
      chroma = b.op('Resize', [chroma, undefined, b.floats([1, 1, 2, 2])], { mode: 'linear' });
    } else chroma = through(chroma, 2, chrominance);
    chroma = cut(b, chroma, [2, 3], [0, 0], [height, width]);
    const whole = b.op('Concat', [luma, chroma], { axis: 1 });
    out = mix(b, whole, scaled(fromYcc, 1 / 255), [128 / 255, 128 / 255, 128 / 255]);
  }
  b.output(b.op('Clip', [out, b.scalar(0), b.scalar(1)]), 'images_out');
  return b.finish();
}

/** Repeats the last row and column until both sizes are whole numbers of `block`. */
function extend(b: GraphBuilder, x: string, height: number, width: number, block: number): string {
  const below = height % block === 0 ? 0 : block - (height % block);
  const right = width % block === 0 ? 0 : block - (width % block);
  if (below === 0 && right === 0) return x;
  return b.op('Pad', [x, b.ints([0, 0, 0, 0, 0, 0, below, right])], { mode: 'edge' });
}

function cut(
  b: GraphBuilder,
  x: string,
  axes: readonly number[],
  from: readonly number[],
  to: readonly number[],
): string {
  const sizes = b.shape(x);
  if (axes.every((axis, i) => from[i] === 0 && sizes?.[axis] === to[i])) return x;
  return b.op('Slice', [x, b.ints(from), b.ints(to), b.ints(axes)]);
}

/** The same affine function of the channels at every pixel. */
function mix(
  b: GraphBuilder,
  x: string,
  matrix: readonly (readonly number[])[],
  shift: readonly number[],
): string {
  const weight = tensor(Float32Array.from(matrix.flat()), [matrix.length, matrix[0]?.length ?? 0, 1, 1]);
  return b.op('Conv', [x, b.constant(weight, 'colours'), b.floats(shift)]);
}

function scaled(matrix: readonly (readonly number[])[], by: number): number[][] {
  return matrix.map((row) => row.map((v) => v * by));
}

/**
 * Every 8x8 block to its 64 coefficients in units of their steps, rounded, and back. The transform is orthonormal,
 * so that the same kernels, multiplied instead of divided by the steps, invert it.
 */
function blocks(b: GraphBuilder, x: string, channels: number, steps: readonly number[]): string {
  const kernels = (factor: (step: number) => number): string => {
    const weight = new Float32Array(channels * 4096);
    for (let i = 0; i < weight.length; i++) {
      const [coefficient, pixel] = [(i >> 6) & 63, i & 63];
      weight[i] =
        cosine(coefficient >> 3, pixel >> 3) *
        cosine(coefficient & 7, pixel & 7) *
        factor(steps[coefficient] as number);
    }
    const kernel: Tensor = tensor(weight, [channels * 64, 1, 8, 8]);
    return b.constant(kernel, 'cosines');
  };
  const attributes = { kernel_shape: [8, 8], strides: [8, 8], group: channels };
  const coefficients = b.op('Conv', [x, kernels((step) => 1 / step)], attributes);
  return b.op('ConvTranspose', [rounded(b, coefficients), kernels((step) => step)], attributes);
}

/** Entry of the orthonormal cosine transform of 8 points. */
function cosine(frequency: number, point: number): number {
  const norm = frequency === 0 ? Math.SQRT1_2 : 1;
  return (norm / 2) * Math.cos(((2 * point + 1) * frequency * Math.PI) / 16);
}

/**
 * r + 0.9(x − r)³ + 0.1(x − r), r the nearest whole number. Shin and Song's r + (x − r)³ has no slope where x is
 * whole; with a tenth of the identity PGD broke a few more images, with the identity alone far fewer.
 */
function rounded(b: GraphBuilder, x: string): string {
  const nearest = b.op('Round', [x]);
  const rest = b.op('Sub', [x, nearest]);
  const square = b.op('Mul', [b.op('Mul', [rest, rest]), b.scalar(0.9)]);
  const slope = b.op('Add', [square, b.scalar(0.1)]);
  return b.op('Add', [nearest, b.op('Mul', [rest, slope])]);
}
