/** The learning rate of a step, counted from 0. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constant(rate: number): Schedule {
  return () => rate;
}

/** From `rate` down to `final` (0 by default) along half a cosine over `steps` (Loshchilov and Hutter 2017, eq. 5). */
export function cosine(options: { rate: number; steps: number; final?: number }): Schedule {
  const { rate, steps, final = 0 } = options;
  return (step) => between(rate, final, steps < 2 ? 0 : step / (steps - 1));
}

/**
 * One cycle (Smith and Topin 2019, arXiv:1708.07120) along two half cosines: from rate / 25 up to `rate` over the
 * share `rise` (0.3 by default) of the steps, then down to rate / 250 000.
 */
export function oneCycle(options: { rate: number; steps: number; rise?: number }): Schedule {
  const { rate, steps, rise = 0.3 } = options;
  const peak = Math.max(1, rise * (steps - 1));
  return (step) =>
    step < peak
      ? between(rate / 25, rate, step / peak)
      : between(rate, rate / 250_000, (step - peak) / Math.max(1, steps - 1 - peak));
}

/** The schedule, its first `steps` rates scaled by 1/steps, 2/steps, ... */
export function warmUp(schedule: Schedule, steps: number): Schedule {
  return (step) => schedule(step) * Math.min(1, (step + 1) / steps);
}

/** Half a cosine from one value to the other, `share` in [0,1] of the way; beyond it, its end. */
function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, share))))) / 2;
}
