import type { Norm } from './norms.ts';

/** `8/255`, where the radius is a whole number of 8-bit levels in linf; otherwise three digits. */
export function epsilonText(norm: Norm, epsilon: number): string {
  const levels = epsilon * 255;
  if (norm === 'linf' && Math.abs(levels - Math.round(levels)) < 1e-6) return `${Math.round(levels)}/255`;
  return norm === 'l0' ? `${epsilon} entries` : String(Number(epsilon.toPrecision(3)));
}
