import type { z } from 'zod';
import type { Entry } from '../catalog/index.ts';
import type { Classifier } from '../models/index.ts';

/**
 * A different way to look at a model: what an attack sees in its place. Views compose and lie above the meters, so
 * every question that they ask counts.
 */
export interface View<O = unknown> extends Entry<O> {
  wrap(model: Classifier, options: O): Classifier;
}

export function defineView<S extends z.ZodType>(
  definition: Omit<View<z.infer<S>>, 'options'> & { options: S },
): View<z.infer<S>> {
  return definition as unknown as View<z.infer<S>>;
}
