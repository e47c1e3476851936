import type { Norm } from './norms.ts';

/** `8/255`, where the radius is a whole number of 8-bit levels in linf, `5 pixels` for l0; otherwise three digits. */
export function epsilonText(norm: Norm, epsilon: number): string {
  const levels = epsilon * 255;
  const whole = Math.round(levels);
  // What is next to none is no radius of 0.
  if (norm === 'linf' && Math.abs(levels - whole) < 1e-6 && (whole > 0 || epsilon === 0))
    return `${whole}/255`;
  if (norm === 'l0') return `${epsilon} ${epsilon === 1 ? 'pixel' : 'pixels'}`;
  if (norm === 'l0-entries') return `${epsilon} ${epsilon === 1 ? 'entry' : 'entries'}`;
  return String(Number(epsilon.toPrecision(3)));
}
