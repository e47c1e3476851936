import { wilson } from './statistics.ts';

/** Share of images that are right without looking at them: by drawing a class, or by always saying the commonest label. */
export function guessShare(labels: ArrayLike<number>, classes: number): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(1 / classes, ...counts.values().map((count) => count / labels.length));
}

/** Whether so many right answers may be guessed: the 95 % interval about their share reaches down to that of guessing. */
export function mayBeGuessed(right: number, of: number, guess: number): boolean {
  return wilson(right, of).low <= guess;
}
