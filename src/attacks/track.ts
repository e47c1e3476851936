import { type Answers, scoresOf } from '../models/index.ts';
import { clone, type Images, type Limit, rowSize, type Tensor } from '../tensor/index.ts';
import type { Goal } from './define.ts';

/** Whether an answer about a row of the batch is what the attack is after: an abstention (-1) fools nobody. */
export function fools(goal: Goal, row: number, answer: number): boolean {
  const own = goal.classes[row];
  return goal.kind === 'targeted' ? answer === own : answer >= 0 && answer !== own;
}

/**
 * Keeps each sample's best images from answers that an attack already has: any that fools the model before all others,
 * also those on which it abstains, then the highest margin for the attacker. Restarts never lose what an earlier one
 * found.
 */
export interface Tracker {
  /**
   * @param images the rows asked about
   * @param answers the model's, with scores
   * @param rows which of the batch these are; all by default
   */
  see(images: Images, answers: Answers, rows?: readonly number[]): void;
  /** The best so far; rows never seen are those given at the start. */
  readonly best: Images;
  /** 1 for each row whose best fools the model. */
  readonly won: Uint8Array;
}

export function track(goal: Goal, start: Images): Tracker {
  const best = clone(start);
  const size = rowSize(start);
  const margins = Float64Array.from(goal.classes, () => Number.NEGATIVE_INFINITY);
  const won = new Uint8Array(margins.length);
  const every = Array.from(margins.keys());
  return {
    best,
    won,
    see(images, answers, rows = every) {
      const classes = Int32Array.from(rows, (row) => goal.classes[row] as number);
      const found = attackMargins(scoresOf(answers), { kind: goal.kind, classes });
      for (const [i, row] of rows.entries()) {
        const wins = Number(fools(goal, row, answers.classes[i] as number));
        const better =
          wins === won[row] ? (found[i] as number) > (margins[row] as number) : wins > Number(won[row]);
        if (!better) continue;
        won[row] = wins;
        margins[row] = found[i] as number;
        best.data.set(images.data.subarray(i * size, (i + 1) * size), row * size);
      }
    },
  };
}

/** Keeps each sample's nearest images among those that fool the model. */
export interface NearestTracker {
  /**
   * @param images the rows asked about, as they will be judged
   * @param classes the model's answers
   * @param rows which of the batch these are; one may stand there several times. All by default
   * @returns 1 for each row that fools the model now
   */
  see(images: Images, classes: Int32Array, rows?: readonly number[]): Uint8Array;
  /** The nearest so far; rows that fooled nobody are those given at the start. */
  readonly best: Images;
  /** Their distances; Infinity where none fooled the model. */
  readonly distances: Float64Array;
}

/** @param measure of one image, in the place of the distance in the limit's norm */
export function trackNearest(
  goal: Goal,
  limit: Limit,
  start: Images,
  measure?: (image: Float32Array, row: number) => number,
): NearestTracker {
  const best = clone(start);
  const size = rowSize(start);
  const distances = Float64Array.from(goal.classes, () => Number.POSITIVE_INFINITY);
  return {
    best,
    distances,
    see(images, classes, rows) {
      const found =
        measure === undefined
          ? (rows === undefined ? limit : limit.take(rows)).distance(images)
          : Float64Array.from(classes, (_, j) =>
              measure(images.data.subarray(j * size, (j + 1) * size), rows?.[j] ?? j),
            );
      return Uint8Array.from(found, (distance, j) => {
        const i = rows?.[j] ?? j;
        if (!fools(goal, i, classes[j] as number)) return 0;
        if (distance < (distances[i] as number)) {
          distances[i] = distance;
          best.data.set(images.data.subarray(j * size, (j + 1) * size), i * size);
        }
        return 1;
      });
    },
  };
}

/**
 * By how much each row's logits favour the attacker: largest other logit minus that of the class to leave, or the
 * target's minus the largest other. Positive means success.
 */
export function attackMargins({ shape, data }: Tensor, goal: Goal): Float64Array {
  const classes = shape[1] ?? 0;
  const sign = goal.kind === 'targeted' ? -1 : 1;
  const margins = new Float64Array(goal.classes.length);
  for (const [i, label] of goal.classes.entries()) {
    let other = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++)
      if (k !== label) other = Math.max(other, data[i * classes + k] as number);
    margins[i] = sign * (other - (data[i * classes + label] as number));
  }
  return margins;
}
