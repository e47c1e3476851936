import { type Estimate, meanEstimate, ones } from '../tensor/index.ts';
import { levels, maskingNames, standardNames, type Trial, type TrialResult } from './trials.ts';

/** A claim about a trained defense, and whether the figures bear it out. */
export interface Check {
  claim: string;
  /** What was measured, in words. */
  found: string;
  held: boolean;
}

/** The trial that says most of a network. */
export const hard = standardNames.pgd(8);

function share(bits: string): number {
  return (100 * ones(bits)) / bits.length;
}

function named(results: readonly TrialResult[], name: string): string {
  const found = results.find((r) => r.name === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found.right;
}

const points = (value: number): string => value.toFixed(1);

/**
 * Whether a defense is what it seems, from the standard trials and the {@link maskingTrials}.
 * @param twin results of the network trained alike but without the defense: `clean` and PGD-20 at 8/255
 * @param of.classes of the dataset, of which chance follows
 */
export function maskingChecks(
  own: readonly TrialResult[],
  twin: readonly TrialResult[],
  of: { twin: string; classes: number },
): Check[] {
  const strong = named(own, maskingNames.strong);
  const noise = named(own, maskingNames.noise);
  const square = named(own, maskingNames.square);
  const transfer = named(own, maskingNames.transfer(of.twin));
  const huge = named(own, maskingNames.huge);
  const few = strong.length;
  const pgd = named(own, hard).slice(0, few);
  const ahead = share(named(own, hard)) - share(named(twin, hard));
  const clean = share(named(own, 'clean'));
  const behind = share(named(twin, 'clean')) - clean;
  /** Images that stood against PGD and fall to one of the searches without gradients. */
  const missed = (...searches: readonly string[]): number =>
    Array.from(pgd).filter((bit, i) => bit === '1' && searches.some((bits) => bits[i] === '0')).length;
  const blind = (100 * missed(noise, square)) / few;
  const gaps = levels.map(
    (l) => share(named(own, standardNames.fgsm(l))) - share(named(own, standardNames.pgd(l))),
  );
  return [
    {
      claim: 'At 8/255 it keeps at least 30 points more under PGD-20 than its natural twin.',
      found: `${points(ahead)} points`,
      held: ahead >= 30,
    },
    {
      claim: 'Its clean accuracy is at least 85 %, or at most 10 points below the twin.',
      found: `${points(clean)} %, ${points(behind)} points below`,
      held: clean >= 85 || behind <= 10,
    },
    {
      claim: 'PGD-100 with 5 restarts on the margin takes less than 3 points more than PGD-20.',
      found: `${points(share(pgd) - share(strong))} points on ${few} images`,
      held: share(pgd) - share(strong) < 3,
    },
    {
      claim:
        '1000 random points and 2000 queries of a random square search break at most 1 % that PGD-20 did not.',
      found: `${points(blind)} % of ${few} images (${missed(noise)} by points, ${missed(square)} by squares)`,
      held: blind <= 1,
    },
    {
      claim: 'Accuracy under FGSM is not below that under PGD-20.',
      found: `${gaps.map(points).join(', ')} points above at 2, 4, 8/255`,
      held: gaps.every((g) => g >= 0),
    },
    {
      claim: "The twin's images harm it less than its own.",
      found: `${points(share(transfer))} % left under the twin's, ${points(share(pgd))} % under its own`,
      held: share(transfer) > share(pgd),
    },
    {
      claim: 'At an epsilon of 0.5 accuracy falls to chance or below.',
      found: `${points(share(huge))} %, chance is ${points(100 / of.classes)} %`,
      held: share(huge) <= 100 / of.classes,
    },
  ];
}

/** Whether images of other networks harm a defense less than they harm its twin. */
export function transferChecks(
  extra: readonly Trial[],
  own: readonly TrialResult[],
  twin: readonly TrialResult[],
): Check[] {
  return extra.map(({ name }) => {
    const { value, low, high } = lossDifference(
      [named(own, 'clean'), named(own, name)],
      [named(twin, 'clean'), named(twin, name)],
    );
    return {
      claim: `Under ${name} it loses fewer points than its natural twin.`,
      found: `${points(-value)} points fewer (${points(-high)} to ${points(-low)}) on ${named(own, name).length} images`,
      held: high < 0,
    };
  });
}

/** How many points more the first loses than the second, both on the same images. */
export function lossDifference(
  first: readonly [clean: string, attacked: string],
  second: readonly [clean: string, attacked: string],
): Estimate {
  const loss = ([clean, attacked]: readonly [string, string], i: number): number =>
    100 * (Number(clean[i]) - Number(attacked[i]));
  return meanEstimate(Array.from(first[1], (_, i) => loss(first, i) - loss(second, i)));
}
