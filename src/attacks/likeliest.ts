import { type Answers, scoresOf } from '../models/index.ts';
import type { Goal } from './define.ts';

/** Of each row the classes but the goal's, the likeliest first. @param answers with scores */
export function likeliestOthers(answers: Answers, { classes }: Goal): number[][] {
  const { shape, data } = scoresOf(answers);
  const size = shape[1] ?? 0;
  return Array.from(classes, (own, row) => {
    const z = data.subarray(row * size, (row + 1) * size);
    return Array.from(z.keys())
      .filter((k) => k !== own)
      .toSorted((a, b) => (z[b] as number) - (z[a] as number));
  });
}
