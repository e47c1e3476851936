import { type Images, type Tensor, tensor, zeros } from '../tensor/index.ts';
import { argmax, scoresOf, softmax } from './answers.ts';
import { type Answers, type Asked, type Classifier, type GradientAnswer, over } from './classifier.ts';

/**
 * A random model seen over several draws of each question. Answers are the logarithm of the mean of the probabilities,
 * and abstain where at least half of the draws do; draws without numbers are left out of the mean; values and gradients are the means of the draws' own. A model that
 * is not random is left as it is, for all its draws are equal.
 */
export function meanOfDraws(model: Classifier, draws: number): Classifier {
  if (!model.random || draws === 1) return model;
  const each = async <A>(q: Asked, ask: (one: Asked) => Promise<A>): Promise<A[]> => {
    const found: A[] = [];
    for (let j = 0; j < draws; j++)
      found.push(await ask({ ...q, draw: q.draw.map((draw) => draw * draws + j) }));
    return found;
  };
  return over(model, {
    answers: async (q) => together(await each(q, (one) => model.answers(one)), model.classes),
    async gradient(q, objective, given): Promise<GradientAnswer> {
      const found = await each(q, (one) => model.gradient(one, objective, given));
      return {
        ...together(found, model.classes),
        value: mean(found.map((a) => tensor(a.value, [q.ids.length]))).data,
        gradient: mean(found.map((a) => a.gradient)),
      };
    },
    ...(model.approximate && {
      approximate: (backward) => meanOfDraws(model.approximate?.(backward) ?? model, draws),
    }),
    ...(model.at && { at: (size) => meanOfDraws(model.at?.(size) ?? model, draws) }),
  });
}

function together(found: readonly Answers[], classes: number): Answers & { scores: Tensor } {
  const count = found[0]?.classes.length ?? 0;
  const scores = zeros([count, classes]);
  const probabilities = found.map((a) => softmax(scoresOf(a)));
  for (let i = 0; i < scores.data.length; i++) {
    const known = probabilities.map((p) => p[i] as number).filter((p) => !Number.isNaN(p));
    const sum = known.reduce((a, p) => a + p, 0);
    // A probability that rounds to 0 in every draw stays comparable: the smallest normal number.
    scores.data[i] = Math.log(Math.max(sum / known.length, 2 ** -126));
  }
  const abstained = Float64Array.from({ length: count }, (_, i) =>
    found.reduce((sum, a) => sum + Number((a.classes[i] as number) < 0), 0),
  );
  const best = argmax(scores);
  const names = new Set(found.flatMap((a) => Object.keys(a.extra ?? {})));
  const extra = Object.fromEntries(
    [...names].map((name) => [
      name,
      Float64Array.from(
        { length: count },
        (_, i) => found.reduce((sum, a) => sum + (a.extra?.[name]?.[i] ?? 0), 0) / found.length,
      ),
    ]),
  );
  return {
    classes: best.map((c, i) => (2 * (abstained[i] as number) >= found.length ? -1 : c)),
    scores,
    ...(names.size > 0 && { extra }),
  };
}

/** Of tensors of one shape, summed in float64. */
export function mean(parts: readonly Images[]): Images {
  const first = parts[0] as Images;
  const data = new Float32Array(first.data.length);
  for (let i = 0; i < data.length; i++) {
    let sum = 0;
    for (const part of parts) sum += part.data[i] as number;
    data[i] = sum / parts.length;
  }
  return { ...first, data };
}
