import { margin } from '../models/index.ts';
import { boxed } from './boxed.ts';
import type { Search } from './constants.ts';
import type { Plan } from './cw-l2.ts';
import type { Descent, Slope } from './descents.ts';

/** The constant above which nothing is tried, and by how much a trial has to cross the border. */
const largest = 2e6;
const beyond = 0.01;

const objective = margin();

/**
 * Finds a change of the pixels that may change, then takes from these the ones whose change matters least, |δ·∇|, and
 * tries again from there until nothing is found: at a time up to 0.3 times the root of how many have changed, or the first
 * that matters more than 0.01.
 */
export function* pixelByPixel(slope: Slope, plan: Plan & { apart: boolean }): Descent {
  const { clean, shape } = slope;
  const channels = plan.apart ? 1 : shape[0];
  const pixels = clean.length / channels;
  const open = new Uint8Array(pixels).fill(1);
  let from = slope.start;
  let constant = plan.firstConstant;
  for (;;) {
    const found = yield* changed(slope, { ...plan, from, constant, open });
    if (found === undefined) return;
    ({ point: from, constant } = found);
    const weights = new Float64Array(pixels);
    const moved = new Uint8Array(pixels);
    for (let i = 0; i < from.length; i++) {
      const change = Math.abs((from[i] as number) - (clean[i] as number));
      const pixel = i % pixels;
      weights[pixel] = (weights[pixel] as number) + change * Math.abs(found.gradient[i] as number);
      if (change > 1e-4) moved[pixel] = 1;
    }
    const count = moved.reduce((sum, m) => sum + m, 0);
    let closed = 0;
    for (const pixel of Array.from(weights.keys()).toSorted(
      (a, b) => (weights[a] as number) - (weights[b] as number),
    )) {
      if (open[pixel] === 0) continue;
      open[pixel] = 0;
      closed++;
      if ((weights[pixel] as number) > 0.01 || closed >= 0.3 * Math.sqrt(count)) break;
    }
    if (closed === 0) return;
  }
}

interface Trial extends Plan {
  readonly from: Float32Array;
  readonly constant: number;
  readonly open: Uint8Array;
}

/** The first point over the border for constants that double, with the loss's gradient there. */
function* changed(
  { clean }: Slope,
  { from, open, steps, rate, confidence, box, ...plan }: Trial,
): Search<{ point: Float32Array; gradient: Float32Array; constant: number } | undefined> {
  const pixels = open.length;
  const gradient = new Float32Array(clean.length);
  const begin = from.map((x, i) => (open[i % pixels] === 1 ? x : (clean[i] as number)));
  for (let { constant } = plan; constant < largest; constant *= 2) {
    const image = boxed(begin, box);
    for (let step = 0; step < steps; step++) {
      // The change of variable moves what stays shut, if by little.
      for (let i = 0; i < clean.length; i++) if (open[i % pixels] === 0) image.point[i] = clean[i] as number;
      const told = yield { point: image.point, objective };
      const short = Math.max(confidence, beyond) - told.margin;
      if (told.fooled && short * constant < 1e-4)
        return { point: told.point.slice(), gradient: told.gradient.slice(), constant };
      const factor = short > 0 ? constant : 0;
      for (let i = 0; i < gradient.length; i++)
        gradient[i] =
          open[i % pixels] === 0
            ? 0
            : 2 * ((image.point[i] as number) - (clean[i] as number)) - factor * (told.gradient[i] as number);
      image.step(gradient, rate);
    }
  }
  return undefined;
}
