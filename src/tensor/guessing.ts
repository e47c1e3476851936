import { wilson } from './statistics.ts';

/**
 * Share of images that are right without looking at them: by drawing a class, or by saying each as often as it was
 * answered (the chance of agreement of Cohen 1960, Educational and Psychological Measurement 20, 37).
 * @param answers what was answered, -1 for nothing; always the commonest label where they are not known
 */
export function guessShare(labels: ArrayLike<number>, classes: number, answers?: ArrayLike<number>): number {
  const shares = sharesOf(labels);
  if (answers === undefined) return Math.max(1 / classes, ...shares.values());
  const answered = sharesOf(Array.from(answers).filter((answer) => answer >= 0));
  let chance = 0;
  for (const [label, share] of shares) chance += share * (answered.get(label) ?? 0);
  return Math.max(1 / classes, chance);
}

function sharesOf(values: ArrayLike<number>): Map<number, number> {
  const shares = new Map<number, number>();
  for (const value of Array.from(values)) shares.set(value, (shares.get(value) ?? 0) + 1 / values.length);
  return shares;
}

/** Whether so many right answers may be guessed: the 95 % interval about their share reaches down to that of guessing. */
export function mayBeGuessed(right: number, of: number, guess: number): boolean {
  return wilson(right, of).low <= guess;
}
