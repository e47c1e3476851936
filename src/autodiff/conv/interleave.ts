import type { GraphBuilder } from '../../onnx/index.ts';

/**
 * One map [N, C, R·H, S·W] from R × S maps [N, C, H, W]: parts[r][s] gives the pixels (R·i + r, S·j + s).
 * Reshape and Concat: half the time of DepthToSpace.
 */
export function interleave(b: GraphBuilder, parts: readonly (readonly string[])[]): string {
  const first = parts[0]?.[0] as string;
  const [, channels, height, width] = b.shape(first) as [unknown, number, number, number];
  const rows = parts.length;
  const columns = parts[0]?.length ?? 1;
  const expanded = b.ints([0, channels, height, 1, width, 1]);
  const joined = parts.map((row) => {
    const spread = row.map((p) => b.op('Reshape', [p, expanded]));
    return spread.length === 1 ? (spread[0] as string) : b.op('Concat', spread, { axis: 5 });
  });
  const all = joined.length === 1 ? (joined[0] as string) : b.op('Concat', joined, { axis: 3 });
  return b.op('Reshape', [all, b.ints([0, channels, rows * height, columns * width])]);
}
