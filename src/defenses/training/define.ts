import type { z } from 'zod';
import type { Entry } from '../../catalog/index.ts';
import type { Classifier } from '../../models/index.ts';
import type { Network, TrainingBatch, Weights } from '../../training/index.ts';

/** A training that is under way, as a defense sees it. */
export interface TrainingContext {
  readonly network: Network;
  /** Other networks, already trained, where the defense learns from their adversarial images as well. */
  readonly sources: readonly Classifier[];
  /** Of all random numbers; they depend on nothing but it, the step and the ids of the images. */
  readonly seed: number | string;
}

/** The batch to learn from in the place of `batch`, which has ids and labels. It depends on its arguments alone. */
export type Hardening = (batch: TrainingBatch, step: number, weights: Weights) => Promise<TrainingBatch>;

/** One defense that acts while a network is trained, as data. */
export interface TrainingDefense<O = unknown> extends Entry<O> {
  /** Whether it learns from images of other networks too. */
  readonly sources: boolean;
  open(context: TrainingContext, options: O): Hardening;
}

/** A training defense with its options checked by its schema. Pure: registers nothing. */
export function defineTrainingDefense<S extends z.ZodType>(
  definition: Omit<TrainingDefense<z.infer<S>>, 'options' | 'sources'> & { options: S; sources?: boolean },
): TrainingDefense<z.infer<S>> {
  return { sources: false, ...definition } as TrainingDefense<z.infer<S>>;
}
