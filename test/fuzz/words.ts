import * as fc from 'fast-check';
import { odd } from './tokens.ts';

// Command lines that nobody would mean, out of words that a command knows.

const files = fc.constantFrom(
  'quad.onnx',
  'bare.onnx',
  'softmax.onnx',
  'fixed.onnx',
  'cut.onnx',
  'text.onnx',
  'liar.onnx',
  'product.onnx',
  'missing.onnx',
  'quad.json',
  'images',
  'none',
  'labels.csv',
  'labels.npy',
  'batch.npy',
  'x.npy',
  'y.npy',
  'a.npy',
  'empty.npy',
  '.',
);
const names = fc.constantFrom(
  'noop',
  'fgsm',
  'pgd',
  'square',
  'ddn',
  'sticker',
  'jpeg',
  'bit-depth',
  'bpda',
  'eot',
  'linf',
  'l2',
  'l0',
  'targeted',
  'least-likely',
  'random',
  'float32',
  'scores',
  'pgd:steps=1',
  'pgd:steps=x',
  'pgd:',
  'pgd:steps',
  'noop:a=[1,2',
  'jpeg:quality=0',
  'eot:draws=2',
  'tree',
  'x=a.npy',
  'x',
);
const numbers = fc.constantFrom(
  '0',
  '1',
  '2',
  '-1',
  '8/255',
  '1/0',
  '0.5',
  '1e9',
  'NaN',
  '1,2',
  '2/255,4/255',
  ',',
);
// Nothing here trains a network, loads anything from elsewhere, or runs a tournament.
const commands = fc.constantFrom(
  'attack',
  'attack',
  'attack',
  'attacks',
  'defenses',
  'views',
  'presets',
  'inspect',
  'gradient',
  'zoo',
  'tournament',
  'tournament run',
  'tournament report',
  'help',
  'attakc',
);
const flags = fc.constantFrom(
  ...'images labels size attack epsilon norm l0 mask area goal targets source opponent queries predicted defense through logits pixels draws seed stop-early limit hosts threads device json save report input output wrt of cotangent gradient help version steps step-size loss restarts nonsense'
    .split(' ')
    .map((name) => `--${name}`),
  '-h',
  '--',
  '-',
  '--no-logits',
  '--epsilon=8/255',
  '--attack=fgsm',
);
const word = fc.oneof(
  { weight: 4, arbitrary: files },
  { weight: 4, arbitrary: names },
  { weight: 3, arbitrary: numbers },
  { weight: 5, arbitrary: flags },
  // Spaces separate words here, and no command line holds a zero.
  { weight: 2, arbitrary: odd.map((w) => w.replaceAll(/[\0 ]/g, '')) },
);
/** A sound line, so that some get far. */
const sound =
  'attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 8/255 --limit 2 --hosts 1'.split(
    ' ',
  );

export const lines: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(commands, fc.array(word, { maxLength: 8 }))
    .map(([command, words]) => [command, ...words].join(' ')),
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: sound.length }), fc.boolean(), word), {
      minLength: 1,
      maxLength: 3,
    })
    .map((edits) => {
      const words = [...sound];
      for (const [at, instead, w] of edits) words.splice(at, instead ? 1 : 0, w);
      return words.join(' ');
    }),
);
