import { AdvarenaError, type Tensor } from '../tensor/index.ts';
import type { Answers } from './classifier.ts';

/** Class of the largest entry of each row, the first of equals; -1 for a row that holds NaN. */
export function argmax(scores: Tensor): Int32Array {
  const [count = 0, classes = 0] = scores.shape;
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 0; k < classes; k++) {
      const z = scores.data[i * classes + k] as number;
      if (Number.isNaN(z)) {
        best = -1;
        break;
      }
      if (z > (scores.data[i * classes + best] as number)) best = k;
    }
    out[i] = best;
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
 * Answers of logits. A row with NaN abstains, and says so in `extra.nan` (1 for such rows), which is there only if
 * some row has one.
 */
export function answersOf(scores: Tensor): Answers & { scores: Tensor } {
  const classes = argmax(scores);
  if (!classes.includes(-1)) return { classes, scores };
  return { classes, scores, extra: { nan: Float64Array.from(classes, (c) => Number(c < 0)) } };
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
