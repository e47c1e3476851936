import { defineRule } from 'advarena/autodiff';
import { convGeometry } from '../../src/autodiff/conv/geometry.ts';
import { convInput } from '../../src/autodiff/conv/input.ts';
import { asChosen, convolve, type Formulation, type Site, type Subject } from './subject.ts';

/** One convolution for all parts; the rule of Concat splits. */
const whole = ({ b, node, x, dy }: Site): string =>
  convInput(b, dy, node.inputs[1] as string, convGeometry(b, node), x);

const slices = defineRule({
  op: 'Concat',
  backward: ({ b, x, dy }) => {
    let from = 0;
    return x.map((part) => {
      const start = from;
      from += b.shape(part)?.[1] as number;
      return b.op('Slice', [dy[0], b.ints([start]), b.ints([from]), b.ints([1])]);
    });
  },
});

const formulations: Formulation[] = [
  { name: 'a Conv per part', write: asChosen },
  { name: 'one Conv, Split', write: whole },
  { name: 'one Conv, a Slice per part', write: whole, also: { Concat: slices } },
];

const of = (channels: number, size: number, cout: number, k: number): Subject => ({
  operator: `Concat of two, Conv ${k}x${k}`,
  shape: `2 x [4,${channels},${size},${size}] to ${cout}`,
  inputs: [
    [4, channels, size, size],
    [4, channels, size, size],
  ],
  operate: (b, parts) => convolve(b, b.op('Concat', parts, { axis: 1 }), cout, k),
  formulations,
});

export const concats: Subject[] = [of(64, 56, 16, 1), of(128, 28, 32, 1), of(32, 28, 64, 3)];
