import { type Answers, scoresOf } from '../models/index.ts';
import { rows } from '../tensor/index.ts';
import type { Goal } from './define.ts';

/** Of each row the classes but the goal's, the likeliest first. @param answers with scores */
export function likeliestOthers(answers: Answers, { classes }: Goal): number[][] {
  const scores = scoresOf(answers);
  return Array.from(classes, (own, row) => others(rows(scores, row, row + 1).data, own));
}

/** The classes but one, the likeliest first. */
export function others(scores: ArrayLike<number>, own: number): number[] {
  return Array.from(scores, (_, k) => k)
    .filter((k) => k !== own)
    .toSorted((a, b) => (scores[b] as number) - (scores[a] as number));
}
