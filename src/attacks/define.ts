import type { z } from 'zod';
import type { Entry } from '../catalog/index.ts';
import type { Classifier } from '../models/index.ts';
import type { Images, Norm, RandomSource } from '../tensor/index.ts';
import type { Limit } from './limit.ts';

/** What an attack asks of the model, from least to most. */
export type Access = 'none' | 'decision' | 'scores' | 'gradient';

export type GoalKind = 'untargeted' | 'targeted' | 'least-likely';

/** What the attack is after, one class per row of the batch. Least likely is targeted once the classes are known. */
export interface Goal {
  readonly kind: 'untargeted' | 'targeted';
  /** Classes to leave (untargeted) or to reach (targeted). */
  readonly classes: Int32Array;
}

/** Samples that an attack works on together; a result never depends on which these are. */
export interface Batch {
  readonly ids: readonly string[];
  /** float32 [rows, C, H, W] in [0,1]; not to be modified. */
  readonly images: Images;
}

/** Everything an attack may use. */
export interface AttackContext<O> {
  /** What the attack may open: the judged model in a white box, a source in a black box. */
  readonly model: Classifier;
  readonly batch: Batch;
  readonly goal: Goal;
  readonly limit: Limit;
  /** Random streams of this attack, keyed by sample, purpose and draw. */
  readonly random: RandomSource;
  readonly options: O;
}

/**
 * One attack, as data. `run` yields what it would return if it were stopped now and returns its result; a yielded
 * tensor may be overwritten by the next step, who keeps it copies it.
 */
export interface Attack<O = unknown> extends Entry<O> {
  readonly access: Access;
  readonly norms: readonly Norm[];
  readonly goals: readonly GoalKind[];
  /** `fixed`: inside epsilon; `minimum`: the smallest norm it finds. */
  readonly budget: 'fixed' | 'minimum';
  run(context: AttackContext<O>): AsyncGenerator<Images, Images>;
}

/** An attack with its options checked and defaults filled in by its schema. Pure: registers nothing. */
export function defineAttack<S extends z.ZodType>(
  definition: Omit<Attack<z.infer<S>>, 'options' | 'budget'> & { options: S; budget?: 'fixed' | 'minimum' },
): Attack<z.infer<S>> {
  return { budget: 'fixed', ...definition } as Attack<z.infer<S>>;
}
