import type { Images } from '../tensor/index.ts';
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
  /** Samples for which a gradient was zero in every pixel, of an objective that is not flat by itself. */
  readonly zero: Set<string>;
  /** Samples for which entries of a gradient were not finite: they count as 0. */
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
        for (const [i, id] of q.ids.entries()) {
          if (makeFinite(answer.gradient, i)) meter.notFinite.add(id);
          else if (objective.flat !== true && isZero(answer.gradient, i)) meter.zero.add(id);
        }
        return answer;
      },
      ...(inner.approximate && {
        approximate: (how) => counting((inner.approximate as NonNullable<Classifier['approximate']>)(how)),
      }),
    });
  return counting(model);
}

function isZero({ shape, data }: Images, row: number): boolean {
  const size = rowLength(shape);
  let i = row * size;
  const end = i + size;
  while (i < end && data[i] === 0) i++;
  return i === end;
}

/** Sets what is not finite to 0. @returns whether there was any */
function makeFinite({ shape, data }: Images, row: number): boolean {
  const size = rowLength(shape);
  const end = (row + 1) * size;
  // Sums of float32 stay finite in float64: no branch per pixel, for this is done at every step, and four that do not
  // wait for each other.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = row * size;
  for (; i + 4 <= end; i += 4) {
    a += data[i] as number;
    b += data[i + 1] as number;
    c += data[i + 2] as number;
    d += data[i + 3] as number;
  }
  for (; i < end; i++) a += data[i] as number;
  if (Number.isFinite(a + b + c + d)) return false;
  for (let j = row * size; j < end; j++) if (!Number.isFinite(data[j])) data[j] = 0;
  return true;
}

function rowLength(shape: readonly number[]): number {
  let size = 1;
  for (let axis = 1; axis < shape.length; axis++) size *= shape[axis] as number;
  return size;
}
