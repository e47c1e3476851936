import type { Ask, Told } from './descents.ts';

/** Part of a descent that comes to a value. */
export type Search<T> = Generator<Ask, T, Told>;

/**
 * Looks for the smallest constant with which a trial finds something: ten times as large until one does, then by
 * bisection. From ten searches on, the last is made with the smallest that did (Carlini and Wagner's code).
 * @param trial whether it found something
 */
export function* bisectedConstant(
  { searches, firstConstant }: { searches: number; firstConstant: number },
  trial: (constant: number) => Search<boolean>,
): Search<void> {
  let [constant, low, high] = [firstConstant, 0, Number.POSITIVE_INFINITY];
  for (let search = 0; search < searches; search++) {
    if (searches >= 10 && search === searches - 1 && high < Number.POSITIVE_INFINITY) constant = high;
    if (yield* trial(constant)) high = constant;
    else low = constant;
    constant = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 10 * constant;
  }
}
