import type { GraphBuilder } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { sizeOf, tensor } from '../../tensor/index.ts';
import { phasesOf } from '../composed.ts';
import { add } from '../emit.ts';
import { emitConv, trim } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';
import { interleave } from './interleave.ts';

/** The runtime's blocked kernels compute output channels by so many. */
const lanes = 16;

/**
 * Few input channels, two spatial axes, constant weight, no dilation, group 1: a Conv whose output channels are the
 * pixels of a block of T × U pixels, so that the lanes of the blocked kernels are filled. Where `dy` is known by
 * phases they are taken as they are, each through a Conv of its own, and the sum has blocks that much larger.
 */
export function blockConvs(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const phases = phasesOf(b, dy);
  const [sy, sx] = g.windows.strides as [number, number];
  const usable = phases !== undefined && phases.clean;
  const grid = usable ? phases.parts : [[dy]];
  const steps = usable ? [1, 1] : largerBlocks(g);
  const [ty, tx] = [
    sy * grid.length * (steps[0] as number),
    sx * (grid[0]?.length ?? 1) * (steps[1] as number),
  ];
  const weight = b.constantValue(w) as Tensor;
  let sum: string | undefined;
  for (const [a, row] of grid.entries())
    for (const [c, part] of row.entries()) {
      if (part === undefined) continue;
      const [, , height, width] = b.shape(part) as [unknown, unknown, number, number];
      const rows = along(g, 0, { block: ty, phase: a, step: steps[0] as number, size: height });
      const columns = along(g, 1, { block: tx, phase: c, step: steps[1] as number, size: width });
      const kernel = b.constant(blockWeight(weight, rows, columns), `${w}_blocks`);
      const made = emitConv(b, part, kernel, {
        begin: [rows.begin, columns.begin],
        end: [rows.end, columns.end],
        strides: steps,
      });
      sum = sum === undefined ? made : add(b, sum, made);
    }
  return trim(b, spread(b, sum as string, g.cin, ty, tx), g.input);
}

/** How many strides a block measures along each axis, where `dy` is a whole: what computes least for each pixel. */
function largerBlocks(g: ConvGeometry): [number, number] {
  const options = [1, 2, 4].map((step) => {
    const area = g.windows.strides.reduce((product, s) => product * s * step, 1);
    const taps = [0, 1].map((axis) => {
      const block = step * (g.windows.strides[axis] as number);
      return along(g, axis, { block, phase: 0, step, size: g.output[axis] as number }).taps[0]?.length ?? 0;
    });
    const channels = Math.ceil((g.cin * area) / lanes) * lanes;
    return { step, cost: (channels * (taps[0] as number) * (taps[1] as number)) / area };
  });
  const best = options.reduce((p, q) => (q.cost < p.cost ? q : p));
  return [best.step, best.step];
}

/** For each pixel of a block, the tap of the weight at each place of the block's kernel; −1 where there is none. */
interface Along {
  readonly taps: readonly (readonly number[])[];
  readonly begin: number;
  readonly end: number;
}

/**
 * One axis. Pixel T·i + t gets W[k] from output h where k = T·i + t + p − s·h. The element at place q of the kernel
 * is h = R·(step·i − begin + q) + phase, with T = s·R·step, so that k = t + p − s·phase + s·R·(begin − q).
 */
function along(
  g: ConvGeometry,
  axis: number,
  { block, phase, step, size }: { block: number; phase: number; step: number; size: number },
): Along {
  const stride = g.windows.strides[axis] as number;
  const kernel = g.windows.kernel[axis] as number;
  const unit = block / step;
  const base = (g.windows.begin[axis] as number) - stride * phase;
  // Largest and smallest begin − q for which some pixel of the block has a tap.
  const begin = Math.floor((kernel - 1 - base) / unit);
  const last = Math.ceil((-base - (block - 1)) / unit);
  const taps = Array.from({ length: block }, (_, t) =>
    Array.from({ length: begin - last + 1 }, (_, q) => {
      const k = t + base + unit * (begin - q);
      return k >= 0 && k < kernel ? k : -1;
    }),
  );
  const count = Math.ceil((g.input[axis] as number) / block);
  return { taps, begin, end: (count - 1) * step - last + 1 - size };
}

/** [T·U·C, O, rows, columns] from [O, C, K, L]. */
function blockWeight(weight: Tensor, rows: Along, columns: Along): Tensor {
  const [out, cin, height, width] = weight.shape as [number, number, number, number];
  const shape = [
    rows.taps.length * columns.taps.length * cin,
    out,
    rows.taps[0]?.length ?? 0,
    columns.taps[0]?.length ?? 0,
  ];
  const data = new Float32Array(sizeOf(shape));
  let at = 0;
  for (const down of rows.taps)
    for (const right of columns.taps)
      for (let c = 0; c < cin; c++)
        for (let o = 0; o < out; o++)
          for (const k of down)
            for (const l of right)
              data[at++] =
                k < 0 || l < 0 ? 0 : (weight.data[((o * cin + c) * height + k) * width + l] as number);
  return tensor(data, shape);
}

/** The map whose pixels in blocks of T × U are the channels (t, u, c) of `x`. */
function spread(b: GraphBuilder, x: string, channels: number, ty: number, tx: number): string {
  if (ty * tx === 1) return x;
  const sizes = Array.from({ length: ty * tx }, () => channels);
  const parts = b.node('Split', [x, b.ints(sizes)], { axis: 1 }, { outputs: ty * tx });
  return interleave(
    b,
    Array.from({ length: ty }, (_, t) => parts.slice(t * tx, (t + 1) * tx)),
  );
}
