import type { GraphBuilder } from '../../onnx/index.ts';
import { tensor } from '../../tensor/index.ts';

/**
 * One map [N, C, R·H, S·W] from R × S maps [N, C, H, W]: parts[r][s] gives the pixels (R·i + r, S·j + s).
 * Reshape and Concat: half the time of DepthToSpace.
 */
export function interleave(b: GraphBuilder, parts: readonly (readonly string[])[]): string {
  const first = parts[0]?.[0] as string;
  const [, channels, height, width] = b.shape(first) as [unknown, number, number, number];
  // Where the runtime reorders its blocks anyway, it does so to channels last for nothing: whole pixels are copied.
  if (channels % 16 === 0 && b.dtype(first) === 'float32' && isBlocked(b)) return channelsLast(b, parts);
  const rows = parts.length;
  const columns = parts[0]?.length ?? 1;
  const expanded = b.ints([0, channels, height, 1, width, 1]);
  const joined = parts.map((row) =>
    join(
      b,
      row.map((p) => b.op('Reshape', [p, expanded])),
      5,
    ),
  );
  return b.op('Reshape', [join(b, joined, 3), b.ints([0, channels, rows * height, columns * width])]);
}

/**
 * The map of which `part` gives the pixels (R·i + r, S·j + s) and the others are zero, by a depthwise ConvTranspose
 * that moves each element to its place: faster than an {@link interleave} with zeros.
 */
export function spaced(
  b: GraphBuilder,
  part: string,
  [r, s]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): string {
  const channels = b.shape(part)?.[1] as number;
  const taps = (r + 1) * (s + 1);
  const data = Float32Array.from({ length: channels * taps }, (_, i) => (i % taps === taps - 1 ? 1 : 0));
  const one = b.constant(tensor(data, [channels, 1, r + 1, s + 1]), 'place');
  return b.op('ConvTranspose', [part, one], {
    group: channels,
    strides: [rows, columns],
    output_padding: [rows - 1 - r, columns - 1 - s],
  });
}

/** With weights that are no constants, as in training, convolutions and what lies between them keep the plain layout. */
function isBlocked(b: GraphBuilder): boolean {
  return b.nodes.every((n) => n.op !== 'Conv' || b.constantValue(n.inputs[1] as string) !== undefined);
}

function channelsLast(b: GraphBuilder, parts: readonly (readonly string[])[]): string {
  const [, channels, height, width] = b.shape(parts[0]?.[0] as string) as [unknown, number, number, number];
  const rows = parts.length;
  const columns = parts[0]?.length ?? 1;
  const line = columns * width * channels;
  const lines = parts.map((row) => {
    const pixels = row.map((p) => b.op('Transpose', [p], { perm: [0, 2, 3, 1] }));
    return b.op('Reshape', [join(b, pixels, 3), b.ints([0, height, 1, line])]);
  });
  const map = b.op('Reshape', [join(b, lines, 2), b.ints([0, rows * height, columns * width, channels])]);
  return b.op('Transpose', [map], { perm: [0, 3, 1, 2] });
}

function join(b: GraphBuilder, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? (parts[0] as string) : b.op('Concat', parts, { axis });
}
