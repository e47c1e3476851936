import { AdvarenaError } from '../../tensor/index.ts';
import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface ConvNextOptions extends NetworkOptions {
  classes: number;
  /** Side of a patch of the stem, 2 by default; with one halving between stages it divides height and width. */
  patch?: number;
  /** Channels per stage, [32, 64, 128] by default. */
  widths?: readonly number[];
  /** Blocks per stage, two in each by default. */
  blocks?: readonly number[];
  /** Side of the depthwise convolutions, odd; 7 by default. */
  kernel?: number;
  /** Start of the factors by which blocks scale what they add, 1e-6 by default. */
  layerScale?: number;
  /** Share of what a block adds that is dropped, 0 by default. */
  dropout?: number;
}

/**
 * ConvNeXt for small images (Liu et al. 2022, arXiv:2201.03545, section 2 and appendix A.1): blocks of a depthwise
 * convolution and a perceptron over the channels, normalised by layer. Dropout stands where the paper drops whole
 * blocks.
 * @throws AdvarenaError NETWORK_OPTIONS where stages do not tile the image, a kernel is even, or widths and blocks
 * are not as many
 */
export function convNext(options: ConvNextOptions): Network {
  const { patch = 2, widths = [32, 64, 128], kernel = 7, layerScale = 1e-6, dropout = 0 } = options;
  const blocks = options.blocks ?? widths.map(() => 2);
  refuse(options, patch * 2 ** (widths.length - 1), { widths, blocks, kernel });
  const layers = new Layers('convnext', options.seed);
  let x = layers.image(options);
  for (const [i, width] of widths.entries()) {
    const stage = `stage${i + 1}`;
    if (i > 0) x = channelNorm(layers, x, `${stage}.norm`);
    const side = i === 0 ? patch : 2;
    x = layers.conv(x, `${stage}.patches`, width, { kernel: side, stride: side, padding: 0, bias: true });
    if (i === 0) x = channelNorm(layers, x, `${stage}.norm`);
    for (let j = 1; j <= (blocks[i] as number); j++)
      x = block(layers, x, `${stage}.block${j}`, { kernel, layerScale, dropout });
  }
  const features = layers.layerNorm(layers.globalAverage(x), 'norm');
  return layers.finish(layers.linear(features, 'head', options.classes), 'logits');
}

function block(
  layers: Layers,
  x: string,
  name: string,
  { kernel, layerScale, dropout }: { kernel: number; layerScale: number; dropout: number },
): string {
  const width = layers.channels(x);
  const near = layers.conv(x, `${name}.depthwise`, width, { kernel, group: width, bias: true });
  const normed = layers.layerNorm(channelsLast(layers, near), `${name}.norm`);
  const wide = layers.gelu(layers.linear(normed, `${name}.widen`, 4 * width));
  const narrow = layers.linear(wide, `${name}.narrow`, width);
  const added = channelsFirst(layers, layers.scale(narrow, `${name}.scale`, layerScale));
  return layers.b.op('Add', [x, layers.dropout(added, `${name}.drop`, dropout)]);
}

/** Layer normalization over the channels of each pixel. */
function channelNorm(layers: Layers, x: string, name: string): string {
  return channelsFirst(layers, layers.layerNorm(channelsLast(layers, x), name));
}

function channelsLast(layers: Layers, x: string): string {
  return layers.b.op('Transpose', [x], { perm: [0, 2, 3, 1] });
}

function channelsFirst(layers: Layers, x: string): string {
  return layers.b.op('Transpose', [x], { perm: [0, 3, 1, 2] });
}

function refuse(
  { height, width }: NetworkOptions,
  shrinks: number,
  { widths, blocks, kernel }: { widths: readonly number[]; blocks: readonly number[]; kernel: number },
): void {
  const bad = (message: string, remedy: string): never => {
    throw new AdvarenaError('NETWORK_OPTIONS', message, { remedy });
  };
  if (widths.length === 0 || blocks.length !== widths.length)
    bad(
      `Of stages there are ${widths.length} widths and ${blocks.length} counts of blocks.`,
      'Give one of each per stage, and one stage at least.',
    );
  if (kernel % 2 === 0)
    bad(`A depthwise kernel of ${kernel} would shift the image.`, 'Choose an odd kernel.');
  if (height % shrinks !== 0 || width % shrinks !== 0)
    bad(
      `${height} x ${width} pixels cannot be divided by ${shrinks}, by which ${widths.length} stages shrink them.`,
      'Choose a smaller patch or fewer stages.',
    );
}
