import type { Estimate, Norm } from '../tensor/index.ts';

/** `61.0 %` of 0.61. One decimal everywhere, so that columns of figures line up. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `61.0 % (55.0–67.0)`: the figure and its 95 % interval. */
export function percentInterval({ value, low, high }: Estimate): string {
  return `${percent(value)} (${intervalOf({ low, high })})`;
}

/** `55.0–67.0`: the ends of an interval of shares, in per cent. */
export function intervalOf({ low, high }: { low: number; high: number }): string {
  return `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}`;
}

/** `+12.3 (+8.1 to +16.4)`: a difference of shares in percentage points. */
export function pointsInterval({ value, low, high }: Estimate): string {
  return `${points(value)} (${points(low)} to ${points(high)})`;
}

/** `+12.3` or `−0.4`: a difference of shares in percentage points. */
export function points(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  if (text === '0.0') return text;
  return difference < 0 ? `−${text}` : `+${text}`;
}

/** Names of norms as people write them. */
export const normNames: Readonly<Record<Norm, string>> = {
  linf: 'L∞',
  l2: 'L2',
  l1: 'L1',
  l0: 'L0',
  'l0-entries': 'L0 of entries',
};

/** `0.042 s`, `1.50 s`, `12.3 s`, `140 s`: three digits. */
export function secondsText(seconds: number): string {
  if (seconds >= 99.95) return `${Math.round(seconds)} s`;
  return `${seconds.toFixed(seconds >= 9.995 ? 1 : seconds >= 0.1 ? 2 : 3)} s`;
}

/** `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `1 image`, `2 images`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
