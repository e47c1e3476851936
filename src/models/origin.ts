import type { Classifier } from './classifier.ts';

/** Classifiers as they were made, by their first oracle: who changes an oracle no longer has what a spec names. */
const originals = new WeakMap<Classifier['scores'], Classifier>();

/** Marks a classifier as made of what its spec (or its defense) names. */
export function seal<M extends Classifier>(model: M): M {
  // oxlint-disable-next-line typescript/unbound-method -- a key, never called
  originals.set(model.scores, model);
  return model;
}

/** Whether all oracles are still those that were made, so that another thread can build the same. */
export function isOriginal(model: Classifier): boolean {
  // oxlint-disable-next-line typescript/unbound-method -- a key, never called
  const made = originals.get(model.scores);
  return made !== undefined && made.decisions === model.decisions && made.gradient === model.gradient;
}
