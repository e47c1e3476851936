import type { Classifier } from './classifier.ts';
import type { Subject } from './spec.ts';

interface Origin {
  readonly subject: Subject;
  readonly entries: readonly object[];
}

/** What classifiers were made from. A classifier that was changed is another object, and has no entry. */
const origins = new WeakMap<Classifier, Origin>();

/**
 * Notes what a classifier was made from, so that other threads can be told to build the same.
 * @param entries the defenses that the subject's chain names: names say the same elsewhere only if a catalog has them
 */
export function madeFrom<M extends Classifier>(
  model: M,
  subject: Subject,
  entries: readonly object[] = [],
): M {
  origins.set(model, { subject, entries });
  return model;
}

/** The plain data from which this classifier was made, and what its names stand for; undefined if there is none. */
export function originOf(model: Classifier): Origin | undefined {
  return origins.get(model);
}
