import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface ConvNetOptions extends NetworkOptions {
  classes: number;
  /** Channels of each block, which halves the image: [16, 32, 64] by default. */
  widths?: readonly number[];
  /** Of the first convolution, 1 by default. */
  stride?: number;
  /** Share of features dropped before the last layer, 0 by default. */
  dropout?: number;
}

/** A plain network: blocks of 3×3 convolution, batch normalization, ReLU and 2×2 maximum, then one linear layer. */
export function convNet(options: ConvNetOptions): Network {
  const { widths = [16, 32, 64], stride = 1, dropout = 0 } = options;
  const layers = new Layers('convnet', options.seed);
  let x = layers.image(options);
  for (const [i, width] of widths.entries()) {
    x = layers.block(x, `block${i + 1}`, width, { kernel: 3, stride: i === 0 ? stride : 1 });
    x = layers.b.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  }
  const features = layers.dropout(layers.globalAverage(x), 'dropout', dropout);
  return layers.finish(layers.linear(features, 'head', options.classes), 'logits');
}
