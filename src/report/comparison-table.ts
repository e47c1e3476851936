import type { AttackResult } from '../judge/index.ts';
import { median } from '../tensor/index.ts';
import { questionsOf, shareOf, success } from './attack-figures.ts';
import { imagesText, radiusText } from './attack-words.ts';
import { counted, countText, percentInterval, secondsText } from './format.ts';
import { printable } from './printable.ts';
import { painter, type TextOptions, textTable, wrap } from './table.ts';
import { distinctFlags, flagLines } from './tournament-tables.ts';

/** An attack that did not run, and why. */
export interface LeftOut {
  attack: string;
  /** Of the error. */
  code: string;
  reason: string;
}

/**
 * What several attacks did to one model, as text for a terminal: a line each, the strongest first and of equal ones the
 * cheapest, then what is left of all of them together, then those that did not run. Ends without a line break.
 * @param results on the same images, at least one
 */
export function comparisonTable(
  results: readonly AttackResult[],
  left: readonly LeftOut[],
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const all = results
    .map(printable)
    .toSorted((a, b) => a.robustAccuracy - b.robustAccuracy || questionsOf(a.asked) - questionsOf(b.asked));
  const first = all[0] as AttackResult;
  const paint = painter(colour);
  const radii = new Set(all.map(radiusText));
  const radius = radii.size === 1 && !radii.has(undefined) ? ` within ${[...radii].join('')}` : '';
  return [
    ...flagLines({ flags: distinctFlags(all) }, paint, width),
    `${paint('bold', `${counted(new Set(all.map((r) => r.attack)).size, 'attack')} against ${first.model}`)}\n${wrap(
      `${imagesText(first)}${radius}, ${percentInterval(shareOf(first, first.cleanAccuracy))} right when clean`,
      width,
    )}`,
    textTable([columns(all, true), columns(all, false)], { paint, width, shrink: 0 }),
    ...together(all).map((line) => wrap(line, width)),
    ...(left.length === 0
      ? []
      : [
          leftOut(left)
            .map((line) => wrap(line, width, '  '))
            .join('\n'),
        ]),
  ].join('\n\n');
}

/** Those that are left out for one reason in one line. */
function leftOut(left: readonly LeftOut[]): string[] {
  const alike = Map.groupBy(left, ({ attack, reason }) => reason.replace(`The attack ${attack} `, 'Each '));
  return [...alike].map(([reason, those]) => {
    const names = those.map(({ attack }) => attack);
    return names.length === 1
      ? `left out: ${names[0]}: ${those[0]?.reason}`
      : `left out: ${names.join(', ')}. ${reason}`;
  });
}

/** @param costs whether there is room for them */
function columns(all: readonly AttackResult[], costs: boolean) {
  const right = (head: string) => ({ head, align: 'right' as const });
  const several = new Set(all.map(radiusText)).size > 1;
  return {
    columns: [
      { head: 'attack' },
      ...(several ? [{ head: 'radius' }] : []),
      right('robust accuracy'),
      right(success(all[0] as AttackResult).name),
      right('median distance'),
      ...(costs ? [right('gradients'), right('questions'), right('time')] : []),
    ],
    rows: all.map((result) => [
      result.attack,
      ...(several ? [radiusText(result) ?? 'any'] : []),
      percentInterval(shareOf(result, result.robustAccuracy)),
      success(result).share,
      distance(result),
      ...(costs
        ? [
            countText(result.asked.gradients),
            countText(result.asked.scores + result.asked.decisions),
            secondsText(result.seconds),
          ]
        : []),
    ]),
  };
}

/** Of the images that fooled the model, in the result's norm. */
function distance({ samples, norm }: AttackResult): string {
  const found = samples.filter((s) => s.success).map((s) => s.distance);
  if (found.length === 0) return '–';
  const value = median(found);
  return norm === 'linf' ? `${(value * 255).toFixed(1)}/255` : `${Number(value.toPrecision(4))} ${norm}`;
}

/**
 * What all attacks leave right together, at each radius at which several were judged. Of a random model it cannot be
 * said: it answers each of them in other draws.
 */
function together(all: readonly AttackResult[]): string[] {
  if (all.some(({ draws }) => draws > 1)) return [];
  const groups = [...Map.groupBy(all, (r) => `${r.norm} ${radiusText(r) ?? ''}`).values()];
  return groups
    .filter((group) => group.length > 1)
    .map((group) => {
      const [one] = group as [AttackResult];
      const right = one.samples.filter((sample, i) =>
        group.every((r) => sample.clean === sample.label && r.samples[i]?.adversarial === sample.label),
      ).length;
      const at = radiusText(one);
      return `All of them together${at === undefined ? '' : ` within ${at}`} leave ${percentInterval(shareOf(one, right / one.samples.length))} right.`;
    });
}
