import { AdvarenaError, type Tensor } from '../tensor/index.ts';
import type { Answers } from './classifier.ts';

/**
 * Class of the largest entry of each row, the first of equals; -1 for a row that has none: it holds NaN, infinity more
 * than once, or nothing but -infinity.
 */
export function argmax(scores: Tensor): Int32Array {
  const [count = 0, classes = 0] = scores.shape;
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 0; k < classes; k++) {
      const z = scores.data[i * classes + k] as number;
      const largest = scores.data[i * classes + best] as number;
      if (Number.isNaN(z) || (z === Number.POSITIVE_INFINITY && z === largest && k !== best)) {
        best = -1;
        break;
      }
      if (z > largest) best = k;
    }
    out[i] = scores.data[i * classes + best] === Number.NEGATIVE_INFINITY ? -1 : best;
  }
  return out;
}

/** Largest minus second largest entry of each row; NaN where the row holds one. */
export function topMargins(scores: Tensor): Float64Array {
  const [count = 0, classes = 0] = scores.shape;
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let first = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    let doubt = 0;
    for (let k = 0; k < classes; k++) {
      const z = scores.data[i * classes + k] as number;
      if (Number.isNaN(z)) doubt = z;
      if (z > first) {
        second = first;
        first = z;
      } else if (z > second) second = z;
    }
    out[i] = first - second + doubt;
  }
  return out;
}

/**
 * Answers of logits. A row without a largest score abstains, and says so in `extra.nan`; one whose largest is infinity
 * is answered, and marked in `extra.infinite`. Marks are 1, and there only if some row has one.
 */
export function answersOf(scores: Tensor): Answers & { scores: Tensor } {
  const classes = argmax(scores);
  const columns = scores.shape[1] ?? 0;
  const infinite = Float64Array.from(classes, (c, i) =>
    Number(c >= 0 && scores.data[i * columns + c] === Number.POSITIVE_INFINITY),
  );
  const extra = {
    ...(classes.includes(-1) && { nan: Float64Array.from(classes, (c) => Number(c < 0)) }),
    ...(infinite.includes(1) && { infinite }),
  };
  return { classes, scores, ...(Object.keys(extra).length > 0 && { extra }) };
}

/** The scores of an answer. @throws AdvarenaError NO_SCORES where the model answers with classes alone */
export function scoresOf({ scores }: Answers, name = 'The model'): Tensor {
  if (scores !== undefined) return scores;
  throw new AdvarenaError('NO_SCORES', `${name} answers with classes alone.`, {
    remedy: 'Use an attack of the access "decision".',
  });
}

/** Probabilities of logits, in float64; each row is divided by its largest first. */
export function softmax({ shape, data }: Tensor): Float64Array {
  const [count = 0, classes = 0] = shape;
  const out = new Float64Array(data.length);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * classes, (i + 1) * classes);
    const largest = row.reduce((m, z) => Math.max(m, z), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (const [k, z] of row.entries()) sum += out[i * classes + k] = Math.exp(z - largest);
    for (let k = 0; k < classes; k++) out[i * classes + k] = (out[i * classes + k] as number) / sum;
  }
  return out;
}
