import type { GraphBuilder } from '../../onnx/index.ts';
import { flippedConv } from './flipped.ts';
import type { ConvGeometry } from './geometry.ts';
import { insertedConv } from './insertion.ts';
import { hasAllPhases, phaseConvs } from './phases.ts';
import { transposedConv } from './transposed.ts';

/**
 * Gradient of a Conv with respect to its input, in the formulation that measured fastest for its shape on the
 * runtime's CPU kernels.
 */
export function convInput(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const { strides, dilations } = g.windows;
  const strided = strides.some((s) => s > 1);
  const depthwise = g.group > 1 && g.group === g.cin;
  // The blocked kernels pad few output channels to 16, so that here they would compute mostly nothing.
  if (g.group === 1 && g.cin < 16) return transposedConv(b, dy, w, g);
  if (!strided) return flippedConv(b, dy, w, g);
  const planar = strides.length === 2;
  if (planar && depthwise && b.dtype(dy) === 'float32') return insertedConv(b, dy, w, g);
  const plain = planar && g.group === 1 && dilations.every((d) => d === 1);
  if (plain && strides.every((s) => s <= 2) && hasAllPhases(g)) return phaseConvs(b, dy, w, g);
  return transposedConv(b, dy, w, g);
}
