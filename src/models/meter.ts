import { allFinite, rowSize } from '../tensor/index.ts';
import { type Asked, type Classifier, over } from './classifier.ts';

/** What a row of a question counts as: answers of classes alone, answers with scores, answers with a gradient. */
export type Kind = 'decisions' | 'scores' | 'gradients';

export const kinds: readonly Kind[] = ['decisions', 'scores', 'gradients'];

/** A value for each kind. */
export function byKind<T>(of: (kind: Kind) => T): Record<Kind, T> {
  return { decisions: of('decisions'), scores: of('scores'), gradients: of('gradients') };
}

/** Rows that a model was asked about, by kind and sample. */
export interface Meter {
  readonly counts: Readonly<Record<Kind, Map<string, number>>>;
  /** Samples for which a gradient of the library's own objectives was zero in every pixel, where they are not flat. */
  readonly zero: Set<string>;
  /** Samples for which entries of such a gradient were not finite: they count as 0. */
  readonly notFinite: Set<string>;
}

/** A meter that has counted nothing. Several models may share one. */
export function newMeter(): Meter {
  return {
    counts: byKind(() => new Map()),
    zero: new Set(),
    notFinite: new Set(),
  };
}

/**
 * The model with every row counted, whatever the code that asks may say. A gradient counts as that alone, though it
 * brings answers.
 * @param forward what a row without gradient counts as: through views nobody can tell what was asked
 */
export function metered(model: Classifier, forward: 'decisions' | 'scores', meter: Meter): Classifier {
  const count = (kind: Kind, q: Asked): void => {
    const of = meter.counts[kind];
    for (const id of q.ids) of.set(id, (of.get(id) ?? 0) + 1);
  };
  const counting = (inner: Classifier): Classifier =>
    over(inner, {
      answers: (q) => {
        count(forward, q);
        return inner.answers(q);
      },
      async gradient(q, objective, given) {
        count('gradients', q);
        const answer = await inner.gradient(q, objective, given);
        const { data } = answer.gradient;
        const size = rowSize(answer.gradient);
        const sound = allFinite(data);
        // Of an attack's own objective it says nothing of the model.
        const tells = objective.owner === undefined;
        for (const [i, id] of q.ids.entries()) {
          const [from, to] = [i * size, (i + 1) * size];
          const broken = !sound && makeFinite(data, from, to);
          if (!tells) continue;
          if (broken) meter.notFinite.add(id);
          else if (objective.flat !== true && isZero(data, from, to)) meter.zero.add(id);
        }
        return answer;
      },
      ...(inner.approximate && {
        approximate: (how) => counting((inner.approximate as NonNullable<Classifier['approximate']>)(how)),
      }),
    });
  return counting(model);
}

/** Sets what is not finite to 0. @returns whether there was any */
function makeFinite(data: Float32Array, from: number, to: number): boolean {
  if (allFinite(data, from, to)) return false;
  for (let i = from; i < to; i++) if (!Number.isFinite(data[i])) data[i] = 0;
  return true;
}

function isZero(data: Float32Array, from: number, to: number): boolean {
  let i = from;
  while (i < to && data[i] === 0) i++;
  return i === to;
}
