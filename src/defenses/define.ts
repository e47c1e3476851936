import type { z } from 'zod';
import type { Entry } from '../catalog/index.ts';
import { behind, type Classifier, type Stage } from '../models/index.ts';
import type { RandomSource } from '../tensor/index.ts';

export interface DefenseContext<O = unknown> {
  readonly model: Classifier;
  readonly options: O;
  /** Of the role for which the model is opened, the judge's or an attacker's: all draws come from it. */
  readonly random: RandomSource;
}

/** One defense, as data. `open` gives the defended classifier, which tells the truth about its gradients. */
export interface Defense<O = unknown> extends Entry<O> {
  open(context: DefenseContext<O>): Classifier;
}

/** A defense that changes the image before the network, and nothing else. */
export interface Transform<O = unknown> extends Defense<O> {
  stage(options: O): Stage;
}

/** A defense with its options checked by its schema. Pure: registers nothing. */
export function defineDefense<S extends z.ZodType>(
  definition: Omit<Defense<z.infer<S>>, 'options'> & { options: S },
): Defense<z.infer<S>> {
  return definition as unknown as Defense<z.infer<S>>;
}

/** A defense of one stage before the network. Pure: registers nothing. */
export function defineTransform<S extends z.ZodType>(
  definition: Omit<Transform<z.infer<S>>, 'options' | 'open'> & { options: S },
): Transform<z.infer<S>> {
  const { stage } = definition;
  const defense: Omit<Transform<z.infer<S>>, 'options'> & { options: S } = {
    ...definition,
    open: ({ model, options, random }) => behind(stage(options), model, random),
  };
  return defense as unknown as Transform<z.infer<S>>;
}
