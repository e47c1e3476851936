import { AdvarenaError } from '../../tensor/index.ts';
import type { NetworkOptions } from './layers.ts';
import { Layers } from './layers.ts';
import type { Network } from './network.ts';

export interface VitOptions extends NetworkOptions {
  classes: number;
  /** Side of a patch, 4 by default; it divides height and width. */
  patch?: number;
  /** Numbers per token, 96 by default; heads divide it. */
  size?: number;
  /** 6 by default. */
  blocks?: number;
  /** 3 by default. */
  heads?: number;
  /** Share dropped after attention and after the perceptron, 0 by default. */
  dropout?: number;
}

/**
 * Vision transformer for small images (Dosovitskiy et al. 2021, arXiv:2010.11929, section 3.1), normalising before
 * each part; its head reads the mean of all tokens instead of a class token.
 * @throws AdvarenaError NETWORK_OPTIONS where patches do not tile the image or heads do not divide the token
 */
export function vit(options: VitOptions): Network {
  const { patch = 4, size = 96, blocks = 6, heads = 3, dropout = 0, height, width } = options;
  if (height % patch !== 0 || width % patch !== 0)
    throw new AdvarenaError(
      'NETWORK_OPTIONS',
      `Patches of ${patch} cannot tile ${height} x ${width} pixels.`,
      { remedy: 'Choose a patch that divides height and width.' },
    );
  if (size % heads !== 0)
    throw new AdvarenaError('NETWORK_OPTIONS', `${heads} heads cannot share ${size} numbers of a token.`, {
      remedy: 'Choose a number of heads that divides the size.',
    });
  const layers = new Layers('vit', options.seed);
  const { b } = layers;
  const tokens = (height / patch) * (width / patch);
  const map = layers.conv(layers.image(options), 'patches', size, {
    kernel: patch,
    stride: patch,
    padding: 0,
    bias: true,
  });
  const flat = b.op('Reshape', [map, b.ints([0, size, tokens])]);
  const places = layers.normal('positions', [1, tokens, size], 0.02 ** 2);
  let x = b.op('Add', [b.op('Transpose', [flat], { perm: [0, 2, 1] }), places]);
  for (let i = 1; i <= blocks; i++) {
    const name = `block${i}`;
    const attended = attention(layers, layers.layerNorm(x, `${name}.norm1`), `${name}.attention`, {
      tokens,
      size,
      heads,
    });
    x = b.op('Add', [x, layers.dropout(attended, `${name}.drop1`, dropout)]);
    const wide = layers.linear(layers.layerNorm(x, `${name}.norm2`), `${name}.widen`, 4 * size);
    const narrow = layers.linear(layers.gelu(wide), `${name}.narrow`, size);
    x = b.op('Add', [x, layers.dropout(narrow, `${name}.drop2`, dropout)]);
  }
  const mean = b.op('ReduceMean', [layers.layerNorm(x, 'norm'), b.ints([1])], { keepdims: 0 });
  return layers.finish(layers.linear(mean, 'head', options.classes), 'logits');
}

function attention(
  layers: Layers,
  x: string,
  name: string,
  { tokens, size, heads }: { tokens: number; size: number; heads: number },
): string {
  const { b } = layers;
  const each = size / heads;
  const split = (part: string, perm: readonly number[]): string => {
    const rows = layers.linear(x, `${name}.${part}`, size);
    return b.op('Transpose', [b.op('Reshape', [rows, b.ints([0, tokens, heads, each])])], { perm });
  };
  const query = split('query', [0, 2, 1, 3]);
  const key = split('key', [0, 2, 3, 1]);
  const value = split('value', [0, 2, 1, 3]);
  const scores = b.op('Mul', [b.op('MatMul', [query, key]), b.scalar(1 / Math.sqrt(each))]);
  const mixed = b.op('MatMul', [b.op('Softmax', [scores], { axis: -1 }), value]);
  const joined = b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return layers.linear(b.op('Reshape', [joined, b.ints([0, tokens, size])]), `${name}.out`, size);
}
