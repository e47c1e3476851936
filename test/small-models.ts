import { expect } from 'vitest';
import {
  asked,
  type Classifier,
  graphClassifier,
  type ImageGraph,
  type Sidecar,
  scoresOf,
} from '../src/models/index.ts';
import { type Graph, GraphBuilder } from '../src/onnx/index.ts';
import {
  type Images,
  type InputSize,
  randomOf,
  sizeOf,
  stream,
  type Tensor,
  tensor,
  zeros,
} from '../src/tensor/index.ts';

/** Uniform numbers in [low, high), always the same for a name. */
export function filled(name: string, shape: readonly number[], low = 0, high = 1): Tensor {
  const data = new Float32Array(sizeOf(shape));
  randomOf(1, 'test').stream('', name).fillUniform(data, low, high);
  return tensor(data, shape);
}

/** Normal numbers of mean 0, always the same for a name. */
export function normal(name: string, shape: readonly number[], sd = 1): Tensor {
  const data = new Float32Array(sizeOf(shape));
  randomOf(1, 'test').stream('', name).fillNormal(data, 0, sd);
  return tensor(data, shape);
}

/** A network from pixels to logits without file and sidecar. @param build appends it, and gives its logits */
export function imageGraph(
  input: InputSize,
  build: (b: GraphBuilder, images: string) => string,
  more: Partial<ImageGraph> = {},
): ImageGraph {
  const b = new GraphBuilder(undefined, { name: 'small' });
  const images = b.input('images', 'float32', ['N', input.channels, input.height, input.width]);
  const logits = b.output(build(b, images), 'logits');
  return {
    graph: b.finish(),
    input,
    classes: b.shape(logits)?.[1] as number,
    heads: [{ logits, weight: 1 }],
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    maxRows: Number.POSITIVE_INFINITY,
    ...more,
  };
}

/** The classifier over {@link imageGraph}. */
export function small(
  input: InputSize,
  build: (b: GraphBuilder, images: string) => string,
  name = 'small',
): Classifier {
  return graphClassifier(imageGraph(input, build), { name });
}

/** Logits are a fixed linear map of the pixels. */
export function linearNetwork(
  input: InputSize,
  classes: number,
): (b: GraphBuilder, images: string) => string {
  const { channels, height, width } = input;
  const weight = normal('linear', [channels * height * width, classes]);
  return (b, images) =>
    b.op('MatMul', [b.op('Flatten', [images], { axis: 1 }), b.constant(weight, 'weight')]);
}

/** Two random convolutions, a mean over patches and a random linear layer: 10 classes of 16x16 RGB images. */
export function tinyModel(): Classifier {
  const random = stream({ seed: 4, role: 'test', sample: '', purpose: 'weights', draw: 0 });
  const weight = (b: GraphBuilder, ...shape: number[]): string => {
    const t = zeros(shape);
    random.fillNormal(t.data, 0, Math.sqrt(2 / sizeOf(shape.slice(1))));
    return b.constant(t, 'weight');
  };
  return small(
    { channels: 3, height: 16, width: 16 },
    (b, images) => {
      const first = b.op('Relu', [b.op('Conv', [images, weight(b, 16, 3, 3, 3)], { pads: [1, 1, 1, 1] })]);
      const second = b.op('Relu', [b.op('Conv', [first, weight(b, 32, 16, 3, 3)], { strides: [2, 2] })]);
      const pooled = b.op('AveragePool', [second], { kernel_shape: [3, 3], strides: [2, 2] });
      return b.op('Gemm', [b.op('Flatten', [pooled], { axis: 1 }), weight(b, 10, 32 * 9)], { transB: 1 });
    },
    'tiny',
  );
}

/** A linear network over the mean of each channel, so that every step of preprocessing can be computed by hand. */
export function channelMeans(
  weight: Tensor,
  options: { softmax?: boolean; batch?: number | string } = {},
): Graph {
  const b = new GraphBuilder(undefined, { name: 'means' });
  const x = b.input('x', 'float32', [options.batch ?? 'N', 3, 4, 4]);
  const means = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
  const logits = b.op('MatMul', [means, b.constant(weight)]);
  b.output(options.softmax === true ? b.op('Softmax', [logits], { axis: 1 }) : logits, 'y');
  return b.finish();
}

/** Of 4x4 images unless said otherwise, with the input `x` and the output `y`. */
export function sidecarOf(
  more: {
    size?: readonly [height: number, width: number];
    channels?: 'RGB' | 'BGR' | 'GRAY';
    classes?: number;
    labels?: Sidecar['labels'];
    mean?: readonly number[];
    std?: readonly number[];
    outputs?: Readonly<Record<string, string>>;
  } = {},
): Sidecar {
  const { size = [4, 4], channels = 'RGB', classes = 3 } = more;
  const plain = channels === 'GRAY' ? [0] : [0, 0, 0];
  return {
    input: { name: 'x', layout: 'NCHW', height: size[0], width: size[1], channels },
    preprocessing: { mean: more.mean ?? plain, std: more.std ?? plain.map(() => 1) },
    output: { name: 'y', kind: 'logits', classes },
    labels: more.labels,
    outputs: more.outputs,
  };
}

/** The matrix of 3 channels to 3 classes that changes nothing. */
export const identity = tensor(Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]), [3, 3]);

/** A 4x4 image of one colour. */
export function flat(...colour: [red: number, green: number, blue: number]): Images {
  return tensor(
    Float32Array.from({ length: 48 }, (_, i) => colour[i >> 4] as number),
    [1, 3, 4, 4],
  );
}

/** What a model says of images, of one draw. @param ids row numbers by default */
export async function logitsOf(
  model: Classifier,
  images: Images,
  ids?: readonly string[],
  draw = 0,
): Promise<Tensor> {
  return scoresOf(await model.answers(asked(images, ids, draw)));
}

/** Fails where numbers differ by more than half a digit of the last of so many decimals. */
export function close(actual: ArrayLike<number>, expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, e] of expected.entries()) expect(actual[i]).toBeCloseTo(e, digits);
}
