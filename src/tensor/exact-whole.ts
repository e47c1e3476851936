/**
 * The bound, in words, that a whole number passes beyond which neighbors are one number; undefined within:
 * `at most 9007199254740991`.
 */
export function exactBound(value: number | undefined): string | undefined {
  if (value === undefined || !(Math.abs(value) > Number.MAX_SAFE_INTEGER)) return undefined;
  return value > 0 ? `at most ${Number.MAX_SAFE_INTEGER}` : `at least ${Number.MIN_SAFE_INTEGER}`;
}
