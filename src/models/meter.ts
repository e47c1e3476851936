import type { Images } from '../tensor/index.ts';
import type { Classifier, Question } from './classifier.ts';
import { isStaged } from './stages.ts';

/** What each sample was asked: `queries` counts forward answers, `gradients` gradient answers. */
export interface Meter {
  queries: Map<string, number>;
  gradients: Map<string, number>;
  /** Samples for which some gradient was zero in every pixel. */
  dead: Set<string>;
}

/**
 * The model with every question counted per sample, whatever the code that asks may say. A gradient answer counts as
 * a gradient alone, though it brings logits. Behind stages the network's gradients count too: views ask it directly.
 */
export function metered<M extends Classifier>(model: M): { model: M; meter: Meter } {
  const meter: Meter = { queries: new Map(), gradients: new Map(), dead: new Set() };
  const count = (of: Map<string, number>, q: Question): void => {
    for (const id of q.ids) of.set(id, (of.get(id) ?? 0) + 1);
  };
  const counting = (inner: Classifier): Classifier['gradient'] => {
    return async (q, objective, given) => {
      count(meter.gradients, q);
      const answer = await inner.gradient(q, objective, given);
      for (const i of zeroRows(answer.gradient)) meter.dead.add(q.ids[i] as string);
      return answer;
    };
  };
  return {
    meter,
    model: {
      ...model,
      ...(isStaged(model) ? { network: { ...model.network, gradient: counting(model.network) } } : {}),
      decisions: (q) => {
        count(meter.queries, q);
        return model.decisions(q);
      },
      scores: (q) => {
        count(meter.queries, q);
        return model.scores(q);
      },
      gradient: counting(model),
    },
  };
}

function* zeroRows({ shape, data }: Images): Generator<number> {
  const rows = shape[0] ?? 0;
  const size = data.length / rows;
  for (let r = 0; r < rows; r++) {
    let i = r * size;
    while (i < (r + 1) * size && data[i] === 0) i++;
    if (i === (r + 1) * size) yield r;
  }
}
