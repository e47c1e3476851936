import { float, GraphBuilder } from '../../onnx/index.ts';
import type { RandomSource, Tensor } from '../../tensor/index.ts';
import { randomOf, sizeOf, tensor } from '../../tensor/index.ts';
import type { Network } from './network.ts';

/** What all builders take. */
export interface NetworkOptions {
  /** Channels of the image, 3 by default. */
  channels?: number;
  height: number;
  width: number;
  /** Seed of the initial weights. */
  seed: number | string;
  /** Per channel: the network sees (pixel − mean) / std, with pixels in [0,1]; left out, the pixels themselves. */
  mean?: readonly number[];
  std?: readonly number[];
}

export interface ConvLayer {
  kernel: number;
  /** 1 by default. */
  stride?: number;
  /** kernel / 2, rounded down, by default. */
  padding?: number;
  /** 1 by default. */
  group?: number;
  /** With a bias; without one by default, for a batch normalization follows. */
  bias?: boolean;
}

/**
 * Writes layers with fresh weights into a graph. Every weight has its own stream of random numbers, keyed by its
 * name, so that a layer's start depends on nothing but the seed and its name.
 */
export class Layers {
  readonly b: GraphBuilder;
  private readonly name: string;
  private readonly random: RandomSource;
  private readonly values = new Map<string, Tensor>();
  private readonly parameters: string[] = [];
  private readonly statistics: string[] = [];

  constructor(name: string, seed: number | string) {
    this.name = name;
    this.b = new GraphBuilder(undefined, { name });
    this.random = randomOf(seed, 'initial weights');
  }

  /** The image input `input`, normalised where the options say so. @returns the name to go on with */
  image(options: NetworkOptions): string {
    const { b } = this;
    const channels = options.channels ?? 3;
    let x = b.input('input', 'float32', ['N', channels, options.height, options.width]);
    const perChannel = (values: readonly number[]): string =>
      b.constant(tensor(Float32Array.from(values), [1, channels, 1, 1]), 'channels');
    if (options.mean !== undefined) x = b.op('Sub', [x, perChannel(options.mean)]);
    if (options.std !== undefined) x = b.op('Div', [x, perChannel(options.std)]);
    return x;
  }

  /** Convolution with normal weights of variance 2 / fan-in (He et al. 2015, arXiv:1502.01852, eq. 10). */
  conv(x: string, name: string, out: number, layer: ConvLayer): string {
    const { kernel, stride = 1, padding = Math.floor(kernel / 2), group = 1 } = layer;
    const inner = this.channels(x) / group;
    const weight = this.normal(`${name}.weight`, [out, inner, kernel, kernel], 2 / (inner * kernel * kernel));
    const bias = layer.bias === true ? this.constant(`${name}.bias`, [out], 0) : undefined;
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group,
    };
    return this.b.op('Conv', [x, weight, bias], attributes, name);
  }

  /** Batch normalization (Ioffe and Szegedy 2015); running statistics keep 0.9 of their old value per step. */
  batchNorm(x: string, name: string, gain = 1): string {
    const channels = [this.channels(x)];
    const inputs = [
      x,
      this.constant(`${name}.gain`, channels, gain),
      this.constant(`${name}.bias`, channels, 0),
      this.statistic(`${name}.mean`, channels, 0),
      this.statistic(`${name}.variance`, channels, 1),
    ];
    return this.b.op('BatchNormalization', inputs, { epsilon: float(1e-5), momentum: float(0.9) }, name);
  }

  /** conv, batch normalization and ReLU. */
  block(x: string, name: string, out: number, layer: ConvLayer): string {
    return this.relu(this.batchNorm(this.conv(x, `${name}.conv`, out, layer), `${name}.norm`));
  }

  relu(x: string): string {
    return this.b.op('Relu', [x]);
  }

  /** x·Φ(x) by the error function (Hendrycks and Gimpel 2016, arXiv:1606.08415): opset 18 has no operator for it. */
  gelu(x: string): string {
    const { b } = this;
    const erf = b.op('Erf', [b.op('Div', [x, b.scalar(Math.SQRT2)])]);
    const twice = b.op('Mul', [x, b.op('Add', [erf, b.scalar(1)])]);
    return b.op('Mul', [twice, b.scalar(0.5)]);
  }

  /** x·W + b over the last axis, W uniform after Glorot and Bengio 2010, eq. 16. */
  linear(x: string, name: string, out: number): string {
    const shape = this.b.shape(x) as (number | string)[];
    const inner = shape.at(-1) as number;
    const limit = Math.sqrt(6 / (inner + out));
    const data = new Float32Array(inner * out);
    this.random.stream('', `${name}.weight`).fillUniform(data, -limit, limit);
    const weight = this.parameter(`${name}.weight`, tensor(data, [inner, out]));
    const bias = this.constant(`${name}.bias`, [out], 0);
    if (shape.length === 2) return this.b.op('Gemm', [x, weight, bias], {}, name);
    return this.b.op('Add', [this.b.op('MatMul', [x, weight]), bias], {}, name);
  }

  /** Layer normalization over the last axis. */
  layerNorm(x: string, name: string): string {
    const size = [this.b.shape(x)?.at(-1) as number];
    const inputs = [x, this.constant(`${name}.gain`, size, 1), this.constant(`${name}.bias`, size, 0)];
    return this.b.op('LayerNormalization', inputs, { axis: -1, epsilon: float(1e-5) }, name);
  }

  /** A trainable factor per place of the last axis, `start` at first. */
  scale(x: string, name: string, start: number): string {
    const size = [this.b.shape(x)?.at(-1) as number];
    return this.b.op('Mul', [x, this.constant(name, size, start)], {}, name);
  }

  /** Dropout: the identity where the graph predicts; training gives its mask as an input. */
  dropout(x: string, name: string, ratio: number): string {
    return ratio === 0 ? x : this.b.op('Dropout', [x, this.b.scalar(ratio)], {}, name);
  }

  /** Mean over the image: [N, C, H, W] to [N, C]. */
  globalAverage(x: string): string {
    return this.b.op('Flatten', [this.b.op('GlobalAveragePool', [x])], { axis: 1 });
  }

  channels(x: string): number {
    return this.b.shape(x)?.[1] as number;
  }

  /** A trainable tensor of normal numbers of mean 0. */
  normal(name: string, shape: readonly number[], variance: number): string {
    const data = new Float32Array(sizeOf(shape));
    this.random.stream('', name).fillNormal(data, 0, Math.sqrt(variance));
    return this.parameter(name, tensor(data, shape));
  }

  /** The finished network with `result` as its only output. */
  finish(result: string, as: string): Network {
    this.b.output(result, as);
    const graph = this.b.finish();
    return {
      name: this.name,
      graph: {
        ...graph,
        inputs: graph.inputs.filter((i) => !this.values.has(i.name)),
        initializers: new Map([...graph.initializers, ...this.values]),
      },
      parameters: this.parameters,
      statistics: this.statistics,
    };
  }

  private constant(name: string, shape: readonly number[], value: number): string {
    return this.parameter(name, tensor(new Float32Array(sizeOf(shape)).fill(value), shape));
  }

  private parameter(name: string, value: Tensor): string {
    const own = this.weight(name, value);
    this.parameters.push(own);
    return own;
  }

  private statistic(name: string, shape: readonly number[], value: number): string {
    const own = this.weight(name, tensor(new Float32Array(sizeOf(shape)).fill(value), shape));
    this.statistics.push(own);
    return own;
  }

  /** An input until the graph is finished: the builder shares equal constants, and weights will not stay equal. */
  private weight(name: string, value: Tensor): string {
    const own = this.b.input(name, 'float32', value.shape);
    this.values.set(own, value);
    return own;
  }
}
