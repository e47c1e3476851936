import { blockConvs } from '../../src/autodiff/conv/blocks.ts';
import { conv, flipped, inserted, phases, transposed } from './conv.ts';
import { convolve, type Formulation, type Subject } from './subject.ts';

const blocks = conv('Conv into blocks of pixels', blockConvs);

const of = (
  [batch, size]: readonly [number, number],
  [k, stride, cout]: readonly [number, number, number],
  formulations: readonly Formulation[],
): Subject => ({
  operator: `first Conv ${k}x${k}${stride === 1 ? '' : ` / ${stride}`}`,
  shape: `[${batch},3,${size},${size}] to ${cout}`,
  inputs: [[batch, 3, size, size]],
  first: true,
  operate: (b, [x]) => convolve(b, x as string, cout, k, { stride }),
  formulations,
});

const plain = [blocks, transposed, flipped];
const strided = [blocks, transposed, phases, inserted];

export const firstLayers: Subject[] = [
  of([4, 224], [3, 2, 32], strided),
  of([4, 224], [3, 1, 16], plain),
  of([4, 224], [7, 2, 64], strided),
  // A small map.
  of([16, 32], [3, 1, 16], plain),
];
