import { AdvarenaError } from '../../tensor/index.ts';
import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface UNetOptions extends NetworkOptions {
  /** Channels at each scale, each half the size of the one before: [16, 32, 64] by default. */
  filters?: readonly number[];
  /** Channels of the output, those of the image by default. */
  outputs?: number;
}

/**
 * U-Net from image to image (Ronneberger et al. 2015, arXiv:1505.04597), here with padding, batch normalization and
 * nearest enlargement: the denoiser of a defense. Its output `image` [N, outputs, H, W] is what the layers make: add
 * the input where a residual is meant.
 * @throws AdvarenaError NETWORK_OPTIONS where height or width cannot be halved as often as there are scales
 */
export function uNet(options: UNetOptions): Network {
  const { filters = [16, 32, 64], outputs = options.channels ?? 3, height, width } = options;
  const unit = 2 ** (filters.length - 1);
  if (height % unit !== 0 || width % unit !== 0)
    throw new AdvarenaError('NETWORK_OPTIONS', `${height} x ${width} pixels cannot be divided by ${unit}.`, {
      remedy: 'Choose other sizes or fewer scales.',
    });
  const layers = new Layers('unet', options.seed);
  const { b } = layers;
  let x = layers.image(options);
  const kept: string[] = [];
  for (const [i, out] of filters.entries()) {
    if (i > 0) x = b.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    x = layers.block(x, `down${i + 1}.1`, out, { kernel: 3 });
    x = layers.block(x, `down${i + 1}.2`, out, { kernel: 3 });
    kept.push(x);
  }
  for (let i = filters.length - 2; i >= 0; i--) {
    const large = enlarge(layers, x, height / 2 ** i, width / 2 ** i);
    const joined = b.op('Concat', [kept[i], large], { axis: 1 });
    x = layers.block(joined, `up${i + 1}.1`, filters[i] as number, { kernel: 3 });
    x = layers.block(x, `up${i + 1}.2`, filters[i] as number, { kernel: 3 });
  }
  return layers.finish(layers.conv(x, 'head', outputs, { kernel: 1, bias: true }), 'image');
}

/** Each pixel four times. @param height of the result, as `width` */
function enlarge(layers: Layers, x: string, height: number, width: number): string {
  const { b } = layers;
  const channels = layers.channels(x);
  const apart = b.op('Reshape', [x, b.ints([0, channels, height / 2, 1, width / 2, 1])]);
  const wide = b.op('Concat', [apart, apart], { axis: 5 });
  return b.op('Reshape', [b.op('Concat', [wide, wide], { axis: 3 }), b.ints([0, channels, height, width])]);
}
