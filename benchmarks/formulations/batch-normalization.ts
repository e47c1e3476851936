import { tensor } from 'advarena/tensor';
import { mul } from '../../src/autodiff/emit.ts';
import { asChosen, convolve, type Formulation, type Subject } from './subject.ts';

const gain = (channels: number): Float32Array =>
  Float32Array.from({ length: channels }, (_, i) => 0.5 + (i % 8) / 8);

const formulations: Formulation[] = [
  { name: "factor in the Conv's weight", write: asChosen },
  {
    name: 'Mul per channel',
    write: ({ b, dy }) => {
      const channels = b.shape(dy)?.[1] as number;
      const factors = gain(channels).map((v) => v / Math.sqrt(1 + 1e-5));
      return mul(b, dy, b.constant(tensor(factors, [1, channels, 1, 1]), 'factors'));
    },
  },
  {
    name: 'BatchNormalization of mean 0',
    write: ({ b, node, dy }) => {
      const [, scale, , mean, variance] = node.inputs;
      // Offset and mean are the same zeros.
      return b.op('BatchNormalization', [dy, scale, mean, mean, variance]);
    },
  },
];

const of = (batch: number, channels: number, size: number): Subject => ({
  operator: 'BatchNormalization behind Conv 3x3',
  shape: `[${batch},${channels},${size},${size}]`,
  inputs: [[batch, channels, size, size]],
  operate: (b, [x]) => {
    const filled = (value: number): string =>
      b.constant(tensor(new Float32Array(channels).fill(value), [channels]));
    const scale = b.constant(tensor(gain(channels), [channels]), 'gain');
    return b.op('BatchNormalization', [
      convolve(b, x as string, channels, 3),
      scale,
      filled(0.25),
      filled(0),
      filled(1),
    ]);
  },
  formulations,
});

export const batchNormalizations: Subject[] = [of(16, 16, 32), of(4, 64, 56)];
