import type { GraphBuilder } from '../src/onnx/index.ts';
import { scalar, tensor } from '../src/tensor/index.ts';
import { classes, smallNetwork, writeSmall } from './small-arena.ts';

/** The network `one` of the small arena in forms that have made figures wrong. */
export const oddNetworks = [
  'nan',
  'coupled',
  'halved',
  'infinite',
  'dropout',
  'overflown',
  'masked',
] as const;

/** The level of the first pixel from which `nan` answers with NaN. */
export const nanFrom = 154;

/** Writes them beside the small arena. */
export async function writeOddNetworks(folder: string): Promise<void> {
  await writeSmall(folder, 'nan', smallNetwork('one', { logits: nanOfBrightOnes }));
  await writeSmall(folder, 'coupled', smallNetwork('one', { pixels: lessHalfTheMean }), plain);
  await writeSmall(folder, 'halved', smallNetwork('one', { pixels: half }), plain);
  await writeSmall(folder, 'infinite', smallNetwork('one', { pixels: thereAndBack }), plain);
  await writeSmall(folder, 'overflown', smallNetwork('one', { logits: firstOfBrightOnes }));
  await writeSmall(folder, 'masked', smallNetwork('one', { logits: lastRuledOut }));
  await writeSmall(folder, 'dropout', smallNetwork('one', { maps: droppedOut }));
}

/** Pixels reach the network as they are. */
const plain = { mean: [0, 0, 0], std: [1, 1, 1] };

/** Every logit is NaN where the first pixel is above a level: the logarithm of a negative number, times 0. */
function nanOfBrightOnes(b: GraphBuilder, logits: string): string {
  const left = b.op('Log', [b.op('Neg', [brightness(b)])]);
  return b.op('Add', [logits, b.op('Mul', [left, b.scalar(0)])]);
}

/** The first logit is infinity there: a power that overflows; elsewhere each has 1 more. */
function firstOfBrightOnes(b: GraphBuilder, logits: string): string {
  const exponents = b.op('Mul', [b.op('Relu', [brightness(b)]), alongClasses(b, 1e6, 0)]);
  return b.op('Add', [logits, b.op('Exp', [exponents])]);
}

/** The last class is never answered: its logit is -infinity. */
function lastRuledOut(b: GraphBuilder, logits: string): string {
  return b.op('Add', [logits, b.op('Log', [alongClasses(b, 1, 1, 0)])]);
}

/** By how much the first pixel, as the network sees it, is above a level: [N, 1]. */
function brightness(b: GraphBuilder): string {
  const first = b.op('Slice', ['pixels', b.ints([0, 0, 0]), b.ints([1, 1, 1]), b.ints([1, 2, 3])]);
  // The network sees pixels normalised.
  const bound = ((nanFrom - 0.5) / 255 - 0.5) / 0.25;
  return b.op('Sub', [b.op('Flatten', [first], { axis: 1 }), b.scalar(bound)]);
}

/** A number for the first class, one for those between, and one for the last. */
function alongClasses(b: GraphBuilder, first: number, between: number, last = between): string {
  const values = new Float32Array(classes).fill(between);
  values[0] = first;
  values[classes - 1] = last;
  return b.constant(tensor(values, [1, classes]));
}

/** What a row has depends on the others; alone it is half of itself. */
function lessHalfTheMean(b: GraphBuilder, pixels: string): string {
  const mean = b.op('ReduceMean', [pixels, b.ints([0])], { keepdims: 1 });
  return normalised(b, b.op('Sub', [pixels, b.op('Mul', [mean, b.scalar(0.5)])]));
}

function half(b: GraphBuilder, pixels: string): string {
  return normalised(b, b.op('Mul', [pixels, b.scalar(0.5)]));
}

/** The identity, whose derivative at black is 0 · ∞. */
function thereAndBack(b: GraphBuilder, pixels: string): string {
  return normalised(b, b.op('Pow', [b.op('Pow', [pixels, b.scalar(2.2)]), b.scalar(1 / 2.2)]));
}

function normalised(b: GraphBuilder, pixels: string): string {
  return b.op('Div', [b.op('Sub', [pixels, b.scalar(0.5)]), b.scalar(0.25)]);
}

/** As a network that was exported while it was trained. */
function droppedOut(b: GraphBuilder, maps: string): string {
  return b.op('Dropout', [maps, b.scalar(0.3), b.constant(scalar(1, 'bool'))]);
}
