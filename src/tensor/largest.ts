/**
 * Marks the largest of some values, by counting their leading bits: linear in their number, whatever they are.
 * @param values at least 0
 * @param count how many to mark; fewer where fewer are above 0, and of equal ones the first
 * @returns 1 where a value is marked
 */
export function markLargest(values: Float64Array, count: number): Uint8Array {
  const bar = barOf(values, count);
  let atBar = count;
  for (const value of values) if (value > bar) atBar--;
  const marks = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > bar || (value === bar && value > 0 && atBar-- > 0)) marks[i] = 1;
  }
  return marks;
}

/** The least of the `count` largest values, 0 where fewer are above 0. */
function barOf(values: Float64Array, count: number): number {
  if (count <= 0) return Number.POSITIVE_INFINITY;
  // Rounding to float32 keeps the order, as the upper half of the bits of what is not negative does.
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  const tally = new Uint32Array(0x8000);
  for (let i = 0; i < values.length; i++) {
    const bucket = (bits[i] as number) >>> 16;
    if ((values[i] as number) > 0) tally[bucket] = (tally[bucket] as number) + 1;
  }
  let left = count;
  let bucket = tally.length - 1;
  for (; bucket >= 0 && (tally[bucket] as number) < left; bucket--) left -= tally[bucket] as number;
  if (bucket < 0) return 0;
  const near = new Float64Array(tally[bucket] as number);
  let found = 0;
  for (let i = 0; i < values.length; i++)
    if ((bits[i] as number) >>> 16 === bucket && (values[i] as number) > 0)
      near[found++] = values[i] as number;
  return near.toSorted()[near.length - left] as number;
}
