import { describe, expect, test } from 'vitest';
import { close, filled, logitsOf, normal } from '../../test/small-models.ts';
import { type Graph, GraphBuilder, type Shape } from '../onnx/index.ts';
import { AdvarenaError, int64, type Tensor, tensor } from '../tensor/index.ts';
import { asked, type Classifier } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { networkGraph } from './network.ts';
import { margin } from './objectives.ts';
import type { Sidecar } from './sidecar.ts';

const [height, width, classes] = [3, 4, 5];
const rows = 9;

/** Weights of the pixels in the order of channels, rows, columns. */
const weightOf = (channels: number): Tensor => normal('weight', [channels * height * width, classes]);

/** The same weights for pixels in the order of rows, columns, channels. */
function channelsLast(weight: Tensor, channels: number): Tensor {
  const out = new Float32Array(weight.data.length);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < height * width; p++)
      for (let k = 0; k < classes; k++)
        out[(p * channels + c) * classes + k] = weight.data[(c * height * width + p) * classes + k] as number;
  return tensor(out, weight.shape);
}

/** A linear network over whatever the input holds. @param reshape to the row, written out as some exporters do */
function linear(shape: Shape, weight: Tensor, reshape?: readonly number[]): Graph {
  const b = new GraphBuilder(undefined, { name: 'linear' });
  const x = b.input('x', 'float32', shape);
  const row =
    reshape !== undefined
      ? b.op('Reshape', [x, b.ints(reshape)], {}, 'view')
      : shape.length === 2 && shape[1] === weight.shape[0]
        ? x
        : shape.length < 3 || typeof shape[0] === 'number'
          ? b.op('Reshape', [x, b.ints([-1, weight.shape[0] as number])])
          : b.op('Flatten', [x], { axis: 1 });
  b.output(b.op('MatMul', [row, b.constant(weight, 'weight')]), 'y');
  return b.finish();
}

function sidecarOf(channels: number, said: string): Sidecar {
  const layout = said as Sidecar['input']['layout'];
  return {
    input: { name: 'x', layout, height, width, channels: channels === 1 ? 'GRAY' : 'RGB' },
    preprocessing:
      channels === 1 ? { mean: [0.3], std: [0.5] } : { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] },
    output: { name: 'y', kind: 'logits', classes },
  };
}

/** Logits by sums of doubles. */
function expected(images: Tensor, channels: number): number[] {
  const { mean, std } = sidecarOf(channels, 'NCHW').preprocessing;
  const weight = weightOf(channels);
  const size = channels * height * width;
  return Array.from({ length: rows * classes }, (_, i) => {
    const [row, k] = [Math.floor(i / classes), i % classes];
    let sum = 0;
    for (let p = 0; p < size; p++) {
      const c = Math.floor(p / (height * width));
      const pixel = images.data[row * size + p] as number;
      sum += ((pixel - (mean[c] as number)) / (std[c] as number)) * (weight.data[p * classes + k] as number);
    }
    return sum;
  });
}

/** The gradient of the margin of class 0 over its rival, in pixels: differences of weights over std. */
async function checked(model: Classifier, channels: number): Promise<void> {
  const images = filled('images', [rows, channels, height, width]);
  const wanted = expected(images, channels);
  close((await logitsOf(model, images)).data, wanted, 4);
  const { gradient } = await model.gradient(asked(images), margin(), {
    labels: int64(Array.from({ length: rows }, () => 0)),
  });
  const { std } = sidecarOf(channels, 'NCHW').preprocessing;
  const weight = weightOf(channels);
  const size = channels * height * width;
  expect(gradient.shape).toEqual([rows, channels, height, width]);
  for (let row = 0; row < rows; row++) {
    const others = wanted.slice(row * classes + 1, (row + 1) * classes);
    const rival = 1 + others.indexOf(Math.max(...others));
    const slopes = Array.from({ length: size }, (_, p) => {
      const by = std[Math.floor(p / (height * width))] as number;
      return ((weight.data[p * classes + rival] as number) - (weight.data[p * classes] as number)) / by;
    });
    close(gradient.data.subarray(row * size, (row + 1) * size), slopes, 4);
  }
}

describe('images in the form that a graph takes', () => {
  const [grey, colour] = [height * width, 3 * height * width];
  test.for<[shape: Shape, channels: number, layout: string, maxRows: number, flags?: string[]]>([
    [['N', 1, height, width], 1, 'NCHW', Number.POSITIVE_INFINITY],
    [['N', grey], 1, 'NCHW', Number.POSITIVE_INFINITY],
    [['N', grey], 1, 'flat', Number.POSITIVE_INFINITY],
    [['N', colour], 3, 'flat', Number.POSITIVE_INFINITY],
    [['N', colour], 3, 'NHWC', Number.POSITIVE_INFINITY],
    [['N', 'D'], 3, 'flat', Number.POSITIVE_INFINITY],
    [[1, grey], 1, 'flat', Number.POSITIVE_INFINITY],
    [[7, colour], 3, 'flat', Number.POSITIVE_INFINITY],
    [[grey], 1, 'flat', 1, ['FIXED_BATCH']],
    [[colour], 3, 'NHWC', 1, ['FIXED_BATCH']],
    [['N', height, width], 1, 'NCHW', Number.POSITIVE_INFINITY],
    [[height, width], 1, 'NCHW', 1, ['FIXED_BATCH']],
    [['N', height, width, 3], 3, 'NHWC', Number.POSITIVE_INFINITY],
    [['N', 'H', 'W', 3], 3, 'NHWC', Number.POSITIVE_INFINITY],
    [[3, height, width], 3, 'NCHW', 1, ['FIXED_BATCH']],
    [[height, width, 3], 3, 'NHWC', 1, ['FIXED_BATCH']],
  ])('%j of %i channels in %s', async ([shape, channels, layout, maxRows, flags = []]) => {
    const weight = weightOf(channels);
    const graph = linear(shape, layout === 'NHWC' ? channelsLast(weight, channels) : weight);
    const image = networkGraph(graph, sidecarOf(channels, layout), { name: 'm' });
    expect([image.maxRows, image.flags.map((f) => f.code)]).toEqual([maxRows, flags]);
    await checked(graphClassifier(image, { name: 'm' }), channels);
  });

  test('sizes that differ are refused in the words of both', () => {
    const refused = (shape: Shape, layout: string): unknown => {
      try {
        return networkGraph(linear(shape, weightOf(1), [-1, grey]), sidecarOf(1, layout), { name: 'm' });
      } catch (error) {
        return (error as AdvarenaError).message;
      }
    };
    expect([refused(['N', 13], 'flat'), refused(['N', 1, 4, 4], 'NCHW')]).toEqual([
      'The graph takes [N, 13], its sidecar says [N, 1*3*4] (flat).',
      'The graph takes [N, 1, 4, 4], its sidecar says [N, 1, 3, 4] (NCHW).',
    ]);
  });
});

describe('batches that the graph fixes', () => {
  const size = 3 * height * width;
  test.for<[batch: number | string, reshape: readonly number[], maxRows: number, fixedRows?: number]>([
    [1, [1, -1], 1],
    [7, [7, -1], 7, 7],
    [7, [7, size], 7, 7],
    ['batch', [1, -1], 1],
    ['batch', [1, size], 1],
    ['batch', [7, -1], 7, 7],
    [16, [16, -1], 16, 16],
  ])('batch %s, view %j', async ([batch, reshape, maxRows, fixedRows]) => {
    const graph = linear([batch, 3, height, width], weightOf(3), reshape);
    const image = networkGraph(graph, sidecarOf(3, 'NCHW'), { name: 'm' });
    const told = image.flags.map((f) => [f.code, f.message.includes('(Reshape "view")')]);
    expect([image.maxRows, image.fixedRows, told]).toEqual([
      maxRows,
      fixedRows,
      [['FIXED_BATCH', typeof batch === 'string']],
    ]);
    await checked(graphClassifier(image, { name: 'm' }), 3);
  });

  test('where rows see each other one image fills all of them', async () => {
    const b = new GraphBuilder(undefined, { name: 'coupled' });
    const x = b.input('x', 'float32', [7, 3, height, width]);
    const mean = b.op('ReduceMean', [x, b.ints([0])], { keepdims: 1 });
    const row = b.op('Reshape', [b.op('Mul', [b.op('Add', [x, mean]), b.scalar(0.5)]), b.ints([7, -1])]);
    b.output(b.op('MatMul', [row, b.constant(weightOf(3), 'weight')]), 'y');
    const image = networkGraph(b.finish(), sidecarOf(3, 'NCHW'), { name: 'm' });
    expect([image.maxRows, image.fixedRows]).toEqual([1, 7]);
    // Among its copies an image is their mean.
    await checked(graphClassifier(image, { name: 'm' }), 3);
  });

  test('random numbers of a fixed batch are those of one image', async () => {
    const b = new GraphBuilder(undefined, { name: 'random' });
    const x = b.input('x', 'float32', [7, 3, height, width]);
    const noise = b.op('Mul', [b.op('RandomUniformLike', [x]), b.scalar(0)]);
    const row = b.op('Reshape', [b.op('Add', [x, noise]), b.ints([7, -1])]);
    b.output(b.op('MatMul', [row, b.constant(weightOf(3), 'weight')]), 'y');
    const image = networkGraph(b.finish(), sidecarOf(3, 'NCHW'), { name: 'm' });
    expect([image.maxRows, image.fixedRows, image.flags.map((f) => f.code)]).toEqual([
      1,
      7,
      ['FIXED_BATCH', 'RANDOM'],
    ]);
    await checked(graphClassifier(image, { name: 'm' }), 3);
  });

  test('a batch that only the run tells is found at the first run', async () => {
    const b = new GraphBuilder(undefined, { name: 'hidden' });
    const x = b.input('x', 'float32', ['N', 3, height, width]);
    const row = b.op('Reshape', [x, b.op('CumSum', [b.ints([1, size - 1]), b.scalar(0, 'int64')])]);
    b.output(b.op('MatMul', [row, b.constant(weightOf(3), 'weight')]), 'y');
    const image = networkGraph(b.finish(), sidecarOf(3, 'NCHW'), { name: 'm' });
    const model = graphClassifier(image, { name: 'm' });
    await checked(model, 3);
    expect(model.flags.map((f) => f.code)).toContain('FIXED_BATCH');
  });
});

describe('what graph and images tell of the input', () => {
  const inferred = (shape: Shape, size?: { channels: number; height: number; width: number }): unknown => {
    const b = new GraphBuilder(undefined, { name: 'any' });
    const x = b.input('x', 'float32', shape);
    const row = b.op('Reshape', [x, b.ints([-1, 12])]);
    b.output(b.op('MatMul', [row, b.constant(normal('any', [12, 3]))]), 'y');
    try {
      const { layout, channels, ...sizes } = inferSidecar(b.finish(), 'm.onnx', size ? { size } : {}).input;
      return `${layout} ${channels} ${sizes.height}x${sizes.width}`;
    } catch (error) {
      if (!(error instanceof AdvarenaError)) throw error;
      return `${error.code} ${error.message.replace(' cannot be known from the graph alone.', '')}`;
    }
  };
  const grey = { channels: 1, height: 3, width: 4 };
  const rgb = { channels: 3, height: 2, width: 2 };
  test.for<[shape: Shape, size: typeof grey | undefined, expected: string]>([
    [['N', 3, 2, 2], undefined, 'NCHW RGB 2x2'],
    [['N', 2, 2, 3], undefined, 'NHWC RGB 2x2'],
    [['N', 3, 'H', 'W'], rgb, 'NCHW RGB 2x2'],
    [['N', 'H', 'W', 3], rgb, 'NHWC RGB 2x2'],
    [['N', 3, 'H', 'W'], undefined, 'SIDECAR_NEEDED The size of the images'],
    [['N', 'C', 2, 2], rgb, 'NCHW RGB 2x2'],
    [['N', 'C', 'H', 'W'], rgb, 'SIDECAR_NEEDED The layout of the input "x"'],
    [['N', 12], grey, 'flat GRAY 3x4'],
    [[12], grey, 'flat GRAY 3x4'],
    [[1, 12], grey, 'flat GRAY 3x4'],
    [['N', 12], rgb, 'SIDECAR_NEEDED The layout of the input "x"'],
    [['N', 12], { ...grey, width: 5 }, 'SIDECAR_NEEDED The layout of the input "x"'],
    [
      ['N', 12],
      undefined,
      'SIDECAR_NEEDED The layout of the input "x", the number of channels and the size of the images',
    ],
    [['N', 3, 4], undefined, 'NCHW GRAY 3x4'],
    [[1, 3, 4], undefined, 'NCHW GRAY 3x4'],
    [[3, 2, 2], undefined, 'NCHW RGB 2x2'],
    [[2, 2, 3], undefined, 'NHWC RGB 2x2'],
  ])('%j with images %j: %s', ([shape, size, expected]) => {
    expect(inferred(shape, size)).toBe(expected);
  });
});
