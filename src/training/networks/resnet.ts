import { AdvarenaError } from '../../tensor/index.ts';
import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface ResNetOptions extends NetworkOptions {
  classes: number;
  /** Weighted layers: 6n + 2, that is 8, 14, 20 (the default), ... */
  depth?: number;
  /** Channels of the first of three stages, 16 by default; each stage doubles them. */
  filters?: number;
  /** Of the stem, 1 by default; 2 for images of 64 pixels and more costs a quarter. */
  stride?: number;
}

/**
 * Residual network for small images (He et al. 2016, arXiv:1512.03385, section 4.2): a 3×3 stem, three stages of n
 * blocks, the mean, one linear layer. Where a stage narrows the image its shortcut is a 1×1 convolution (option B).
 * @throws AdvarenaError NETWORK_OPTIONS for a depth that is not 6n + 2
 */
export function resNet(options: ResNetOptions): Network {
  const { depth = 20, filters = 16, stride = 1 } = options;
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new AdvarenaError('NETWORK_OPTIONS', `A residual network of ${depth} layers cannot be built.`, {
      remedy: 'Choose a depth of 8, 14, 20, 26, ...',
    });
  const layers = new Layers(`resnet${depth}`, options.seed);
  let x = layers.block(layers.image(options), 'stem', filters, { kernel: 3, stride });
  for (let stage = 0; stage < 3; stage++)
    for (let block = 0; block < blocks; block++)
      x = residual(layers, x, `stage${stage + 1}.block${block + 1}`, filters * 2 ** stage, {
        stride: stage > 0 && block === 0 ? 2 : 1,
      });
  return layers.finish(layers.linear(layers.globalAverage(x), 'head', options.classes), 'logits');
}

function residual(
  layers: Layers,
  x: string,
  name: string,
  out: number,
  { stride }: { stride: number },
): string {
  const inner = layers.block(x, `${name}.1`, out, { kernel: 3, stride });
  const change = layers.batchNorm(layers.conv(inner, `${name}.2.conv`, out, { kernel: 3 }), `${name}.2.norm`);
  let kept = x;
  if (stride > 1 || layers.channels(x) !== out)
    kept = layers.batchNorm(
      layers.conv(x, `${name}.shortcut.conv`, out, { kernel: 1, stride }),
      `${name}.shortcut.norm`,
    );
  return layers.relu(layers.b.op('Add', [change, kept]));
}
