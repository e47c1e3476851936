/**
 * First index and number of elements of `[start:end:step]` on an axis of `size`, out-of-range bounds clamped as
 * ONNX does (an end of INT64_MIN with a negative step reaches index 0). As in the runtime an end of exactly
 * INT32_MAX or INT64_MAX is "no end" in either direction.
 */
export function sliceRange(
  size: number,
  start: number,
  end: number,
  step: number,
): { first: number; count: number } {
  if (step === 0) throw new Error('the step of a slice is 0');
  if (size === 0) return { first: 0, count: 0 };
  const from = start < 0 ? start + size : start;
  const none = end === 2 ** 31 - 1 || end === 2 ** 63;
  const to = none && step < 0 ? -1 : end < 0 ? end + size : end;
  const [first, last] =
    step > 0
      ? [clamp(from, 0, size), clamp(to, 0, size)]
      : [clamp(from, 0, size - 1), clamp(to, -1, size - 1)];
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

function clamp(i: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, i));
}
