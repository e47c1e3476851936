import type { GraphBuilder } from '../../onnx/index.ts';
import { fromPhases, fromSpread, mapPhases, phasesOf, spreadOf } from '../composed.ts';
import { blockConvs } from './blocks.ts';
import { emitConv } from './emit-conv.ts';
import { flippedConv } from './flipped.ts';
import type { ConvGeometry } from './geometry.ts';
import { insertedConv } from './insertion.ts';
import { phaseConvs } from './phases.ts';
import { swapWeight } from './swap-weight.ts';
import { transposedConv } from './transposed.ts';

/** Below so many pixels a formulation of many small operators costs more to call than a ConvTranspose to run. */
const smallMap = 1500;

/**
 * Gradient of a Conv with respect to its input, in the formulation that measured fastest for its shape on the
 * runtime's CPU kernels.
 * @param input the Conv's own input
 */
export function convInput(b: GraphBuilder, dy: string, w: string, g: ConvGeometry, input: string): string {
  const { strides, dilations, kernel, begin, end } = g.windows;
  const plain = strides.length === 2 && dilations.every((d) => d === 1) && b.dtype(dy) === 'float32';
  const single = [...kernel, ...strides].every((n) => n === 1) && [...begin, ...end].every((p) => p === 0);
  const phases = phasesOf(b, dy);
  const spread = spreadOf(b, dy);
  if (plain && single) {
    const pointwise = (part: string): string =>
      emitConv(b, part, swapWeight(b, w, g.group, [[0], [0]]), { begin, end, group: g.group });
    // One pixel, or one phase, at a time; a map is made where it has the fewer channels.
    if (spread !== undefined) return fromSpread(b, pointwise(spread), g.input);
    if (phases !== undefined && g.cin <= g.cout) return fromPhases(b, mapPhases(phases, pointwise));
  }
  // The blocked kernels pad few output channels to 16, so that others would compute mostly nothing here.
  if (g.group === 1 && g.cin < 16) {
    const large = g.input.reduce((product, size) => product * size, 1) > smallMap;
    const blocks = plain && large && b.constantValue(w) !== undefined;
    return blocks ? blockConvs(b, dy, w, g) : transposedConv(b, dy, w, g);
  }
  if (strides.every((s) => s === 1)) return flippedConv(b, dy, w, g);
  const depthwise = g.group > 1 && g.group === g.cin;
  if (plain && depthwise && !isWidened(b, input, g.cin)) return insertedConv(b, dy, w, g);
  if (plain && (depthwise || g.group === 1) && strides.every((s) => s <= 2)) return phaseConvs(b, dy, w, g);
  return transposedConv(b, dy, w, g);
}

/** What passes a gradient on phase by phase. */
const elementwise: ReadonlySet<string> = new Set(['BatchNormalization', 'Clip', 'LeakyRelu', 'Relu']);

/**
 * Whether a pointwise Conv has made the `channels` of `name` from a third of them or fewer, so that phases are put
 * together behind it at little cost.
 */
function isWidened(b: GraphBuilder, name: string, channels: number): boolean {
  let maker = b.maker(name);
  while (maker !== undefined && elementwise.has(maker.op)) maker = b.maker(maker.inputs[0] as string);
  const [, cin, ...kernel] = b.sizes(maker?.op === 'Conv' ? (maker.inputs[1] as string) : '') ?? [];
  return cin !== undefined && 3 * cin <= channels && kernel.every((k) => k === 1);
}
