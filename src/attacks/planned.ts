import { addScaled, clone, type Images, rows } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { iterate } from './iterate.ts';
import { sourcesOf } from './sources.ts';
import { reach } from './step.ts';

/** A step of a plan: which networks are asked, and how far it goes. */
export interface PlannedStep {
  /** Places of the networks, from 0; one may stand there several times. With fewer sources it goes round. */
  readonly asks: readonly number[];
  /** How often each of them is asked: behind random views these are several draws. */
  readonly repeats: number;
  /** Share of the step size. */
  readonly size: number;
  /** Standard deviation of the noise that moves the image before the step, as a share of epsilon. */
  readonly noise: number;
}

/** So many equal steps of a plan. */
export function times(count: number, step: PlannedStep): PlannedStep[] {
  return Array.from({ length: count }, () => step);
}

/** Sign steps along sums of some sources' gradients, as a plan has them. */
export function followPlan(
  context: AttackContext,
  plan: readonly PlannedStep[],
  stepSize: (radius: number) => number,
): AsyncGenerator<Images, Images> {
  const { batch, limit, random } = context;
  const sources = sourcesOf(context);
  const radii = reach(limit);
  const at = (step: number): PlannedStep => plan[step] as PlannedStep;
  return iterate(context, {
    steps: plan.length,
    stepSize: (radius, step) => stepSize(radius) * at(step).size,
    before(images, step) {
      const { noise } = at(step);
      if (noise === 0) return;
      const drawn = clone(images);
      for (const [i, id] of batch.ids.entries())
        random.stream(id, 'noise', step).fillNormal(rows(drawn, i, i + 1).data, 0, noise);
      addScaled(images, drawn, radii);
    },
    models(step) {
      const { asks, repeats } = at(step);
      return asks.flatMap((place) =>
        Array.from({ length: repeats }, () => sources[place % sources.length] as (typeof sources)[number]),
      );
    },
  });
}
