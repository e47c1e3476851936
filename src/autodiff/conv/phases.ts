import type { GraphBuilder } from '../../onnx/index.ts';
import { fromPhases } from '../composed.ts';
import { emitConv } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';
import { swapWeight } from './swap-weight.ts';

/**
 * Two spatial axes, stride s, no dilation: one small Conv for each of the s·s positions modulo s. Only taps that
 * meet an element of `dy` are computed, which neither a ConvTranspose nor the insertion of zeros spares.
 */
export function phaseConvs(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const { strides } = g.windows;
  const [sy, sx] = strides as [number, number];
  const rows = Array.from({ length: sy }, (_, r) => phase(g, 0, r));
  const columns = Array.from({ length: sx }, (_, r) => phase(g, 1, r));
  const parts = rows.map((row) =>
    columns.map((column) =>
      row.taps.length === 0 || column.taps.length === 0
        ? undefined
        : emitConv(b, dy, swapWeight(b, w, g.group, [row.taps, column.taps]), {
            begin: [row.begin, column.begin],
            end: [row.end, column.end],
            group: g.group,
          }),
    ),
  );
  const sizes = g.input as [number, number];
  return fromPhases(b, { parts, sizes, clean: sizes[0] % sy === 0 && sizes[1] % sx === 0 });
}

/** dx[s·i + r] = Σ over taps k ≡ r + p (mod s) of W[k]·dy[i + (r + p − k)/s], as a Conv along one axis. */
function phase(g: ConvGeometry, axis: number, r: number): { taps: number[]; begin: number; end: number } {
  const stride = g.windows.strides[axis] as number;
  const kernel = g.windows.kernel[axis] as number;
  const shifted = r + (g.windows.begin[axis] as number);
  const first = ((shifted % stride) + stride) % stride;
  const taps: number[] = [];
  for (let k = first; k < kernel; k += stride) taps.unshift(k);
  const offset = (shifted - first) / stride;
  const count = Math.ceil((g.input[axis] as number) / stride);
  return { taps, begin: taps.length - 1 - offset, end: count + offset - (g.output[axis] as number) };
}
