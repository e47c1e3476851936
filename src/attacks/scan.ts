import { z } from 'zod';
import type { Search } from './border.ts';
import type { Course, Sample } from './courses.ts';

/** The options of an attack that goes along a path. */
export const scanOptions = {
  steps: z.int().min(1).default(100).describe('places on the path that are tried, from the image on'),
  bisections: z.int().min(0).default(10).describe('halvings between the first that fools and the one before'),
};

export interface Scan {
  readonly steps: number;
  readonly bisections: number;
}

/** Asks about an image as it will be judged, to be kept. */
export function* tried(point: Float32Array): Search<boolean> {
  const [fooled = false] = yield { points: [point], find: true };
  return fooled;
}

/**
 * Goes along a path from the image until it fools the model, and looks for the first place that does: with one place where
 * the answer changes it is found to a share of 2^-bisections of a step, else one of them. An image that fools the model as
 * it is ends it.
 * @param at the path, at a share of it from 0 (the image) to 1
 */
export function* along({ clean }: Sample, at: (share: number) => Float32Array, scan: Scan): Course {
  if (yield* tried(clean.slice())) return;
  for (let step = 1; step <= scan.steps; step++) {
    if (!(yield* tried(at(step / scan.steps)))) continue;
    let [low, high] = [(step - 1) / scan.steps, step / scan.steps];
    for (let k = 0; k < scan.bisections; k++) {
      const middle = (low + high) / 2;
      if (yield* tried(at(middle))) high = middle;
      else low = middle;
    }
    return;
  }
}
