import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface MobileNetOptions extends NetworkOptions {
  classes: number;
  /** Channels after the stem, 16 by default. */
  filters?: number;
  /** Of the stem, 1 by default. */
  stride?: number;
  /** Blocks as [channels, stride]; by default six that double them three times. */
  blocks?: readonly (readonly [channels: number, stride: number])[];
}

/**
 * Depthwise separable network (Howard et al. 2017, arXiv:1704.04861, section 3): a stem, then blocks of a depthwise
 * 3×3 and a pointwise convolution, each with batch normalization and ReLU, the mean, one linear layer.
 */
export function mobileNet(options: MobileNetOptions): Network {
  const { filters = 16, stride = 1 } = options;
  const blocks = options.blocks ?? [
    [filters * 2, 1],
    [filters * 2, 2],
    [filters * 4, 1],
    [filters * 4, 2],
    [filters * 8, 1],
    [filters * 8, 1],
  ];
  const layers = new Layers('mobilenet', options.seed);
  let x = layers.block(layers.image(options), 'stem', filters, { kernel: 3, stride });
  for (const [i, [out, stride]] of blocks.entries()) {
    const inner = layers.channels(x);
    x = layers.block(x, `block${i + 1}.depthwise`, inner, { kernel: 3, stride, group: inner });
    x = layers.block(x, `block${i + 1}.pointwise`, out, { kernel: 1 });
  }
  return layers.finish(layers.linear(layers.globalAverage(x), 'head', options.classes), 'logits');
}
