import type { z } from 'zod';
import type { Entry } from '../catalog/index.ts';
import type { Classifier } from '../models/index.ts';
import type { RandomSource } from '../tensor/index.ts';

/**
 * A different way to look at a model: what an attack sees in its place. Views compose and lie above the meters, so
 * every question that they ask counts.
 */
export interface View<O = unknown> extends Entry<O> {
  /**
   * Questions that one row costs, 1 by default: a sample that can no longer pay is frozen.
   * @param kind of the question; one without a gradient is `scores`
   * @param model what the view opens
   */
  rows?(options: O, kind: 'scores' | 'gradients', model: Pick<Classifier, 'random'>): number;
  /** Why it would change nothing on a model, after the model's name: `draws nothing at random`; undefined where it does. */
  idle?(model: Pick<Classifier, 'random' | 'approximate'>): string | undefined;
  /** @param context.random the attack's, for draws of its own */
  open(context: { model: Classifier; options: O; random: RandomSource }): Classifier;
}

/** A view with its options checked by its schema. Pure: registers nothing. */
export function defineView<S extends z.ZodType>(
  definition: Omit<View<z.infer<S>>, 'options'> & { options: S },
): View<z.infer<S>> {
  return definition as unknown as View<z.infer<S>>;
}
