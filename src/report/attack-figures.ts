import type { AttackResult, CurvePoint } from '../judge/index.ts';
import { type Estimate, median, wilson } from '../tensor/index.ts';
import { counted, countText, percent, percentInterval, secondsText } from './format.ts';

/** A share over all images, of a random model over all draws too; the interval is that of as many images. */
export function shareOf({ samples, draws }: AttackResult, share: number): Estimate {
  return wilson(Math.round(share * samples.length * draws) / draws, samples.length);
}

/** Of all kinds together. */
export function questionsOf({ decisions, scores, gradients }: AttackResult['asked']): number {
  return decisions + scores + gradients;
}

/** The headline of one attack: clean and robust accuracy, success, cost. */
export function attackFigures(result: AttackResult): { name: string; text: string }[] {
  const { robustInAll, robustInAny, abstained, draws } = result;
  const won = success(result);
  return [
    { name: 'clean accuracy', text: accuracy(result, result.cleanAccuracy) },
    { name: 'robust accuracy', text: accuracy(result, result.robustAccuracy) },
    {
      name: won.name,
      text: `${won.share}, ${won.count} of ${won.tried}${won.targeted ? '' : ' right when clean'}`,
    },
    ...(robustInAll === undefined || robustInAny === undefined
      ? []
      : [
          {
            name: 'over draws',
            text: `robust in all ${draws} draws ${percent(robustInAll)} of the images, in some ${percent(robustInAny)}`,
          },
        ]),
    ...(abstained === undefined
      ? []
      : [
          {
            name: 'abstained',
            text: `on ${percent(abstained.clean)} of the clean images, ${percent(abstained.adversarial)} of the attacked ones; robust ${percent(abstained.robust)} if it may abstain when attacked`,
          },
        ]),
    { name: 'cost', text: costText(result) },
  ];
}

/** How often the attack won, of what it could win. */
export function success({ samples, draws, cleanAccuracy }: AttackResult): {
  name: string;
  share: string;
  count: number;
  tried: number;
  targeted: boolean;
} {
  const targeted = samples.some((s) => s.target !== undefined);
  const count = Math.round(
    draws * samples.reduce((sum, s) => sum + (s.draws?.success ?? Number(s.success)), 0),
  );
  const all = draws * samples.length;
  // Without a target to reach, an image that is wrong when clean cannot be won.
  const tried = targeted ? all : Math.round(all * cleanAccuracy);
  return {
    name: targeted ? 'target reached' : 'fooled',
    share: tried === 0 ? '–' : percent(count / tried),
    count,
    tried,
    targeted,
  };
}

/** Time and questions, each kind apart. */
export function costText({ seconds, asked, confirmations }: AttackResult): string {
  const kinds = [
    ['gradients', 'gradient', 'gradients'],
    ['scores', 'answer with scores', 'answers with scores'],
    ['decisions', 'decision', 'decisions'],
  ] as const;
  const found = kinds
    .filter(([kind]) => asked[kind] > 0)
    .map(([kind, one, many]) => counted(asked[kind], one, many));
  return [
    secondsText(seconds),
    ...(found.length > 0 ? found : ['nothing asked']),
    ...(confirmations > 0 ? [counted(confirmations, 'confirmation')] : []),
  ].join(', ');
}

function accuracy(result: AttackResult, share: number): string {
  const { samples, draws } = result;
  const total = samples.length * draws;
  const images = counted(samples.length, 'image');
  const of = draws === 1 ? images : `${counted(total, 'answer')} on ${images}`;
  return `${percentInterval(shareOf(result, share))}, ${Math.round(share * total)} of ${of}`;
}

/** Smallest, median and largest of what the judge measured on each image; what it could not measure is left out. */
export function attackSpread(result: AttackResult): { name: string; values: [string, string, string] }[] {
  const { samples, norm } = result;
  const column = (field: 'linf' | 'l2' | 'margin' | 'distance'): number[] => samples.map((s) => s[field]);
  const own = { l1: 'l1', l0: 'l0 in pixels', 'l0-entries': 'l0 in entries' } as const;
  return [
    ...(norm === 'linf' || norm === 'l2'
      ? []
      : three(`change, ${own[norm]}`, column('distance'), (v) => String(Number(v.toPrecision(4))))),
    ...three('change, linf in 1/255', column('linf'), (v) => (v * 255).toFixed(1)),
    ...three('change, l2', column('l2'), (v) => v.toFixed(3)),
    ...three('largest less second logit', column('margin'), (v) =>
      Math.abs(v) < 1e6 ? v.toFixed(2) : v.toExponential(2),
    ),
    ...three(
      'questions',
      samples.map(({ asked }) => questionsOf(asked)),
      (v) => countText(Math.round(v)),
    ),
  ];
}

function three(
  name: string,
  given: readonly number[],
  text: (v: number) => string,
): { name: string; values: [string, string, string] }[] {
  const values = given.filter(Number.isFinite);
  if (values.length === 0) return [];
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  return [{ name, values: [text(least), text(median(values)), text(most)] }];
}

/** Most points of a curve in a table; the others lie between. */
const shownPoints = 12;

/** Some points of the accuracy-versus-epsilon curve, the first and the last among them; none where it has but one. */
export function curvePoints({ curve: points = [] }: AttackResult): CurvePoint[] {
  if (points.length < 2) return [];
  if (points.length <= shownPoints) return points;
  return Array.from(
    { length: shownPoints },
    (_, i) => points[Math.round((i * (points.length - 1)) / (shownPoints - 1))] as CurvePoint,
  );
}
