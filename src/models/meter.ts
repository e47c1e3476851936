import type { Classifier, Question } from './classifier.ts';

/** What each sample was asked: `queries` counts forward answers, `gradients` gradient answers. */
export interface Meter {
  queries: Map<string, number>;
  gradients: Map<string, number>;
}

/**
 * The model with every question counted per sample, whatever the code that asks may say. A gradient answer counts as
 * a gradient alone, though it brings logits.
 */
export function metered<M extends Classifier>(model: M): { model: M; meter: Meter } {
  const meter: Meter = { queries: new Map(), gradients: new Map() };
  const count = (of: Map<string, number>, q: Question): void => {
    for (const id of q.ids) of.set(id, (of.get(id) ?? 0) + 1);
  };
  return {
    meter,
    model: {
      ...model,
      decisions: (q) => {
        count(meter.queries, q);
        return model.decisions(q);
      },
      scores: (q) => {
        count(meter.queries, q);
        return model.scores(q);
      },
      gradient: (q, objective, given) => {
        count(meter.gradients, q);
        return model.gradient(q, objective, given);
      },
    },
  };
}
