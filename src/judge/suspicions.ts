import type { ViewUse } from '../attacks/index.ts';
import type { Classifier, Flag } from '../models/index.ts';
import { guessShare, type LimitSpec, mayBeGuessed, type Pixels, signTest } from '../tensor/index.ts';

// What results show that changes how they may be read; what a network's graph shows is said when it is opened.

/**
 * What gradients say of a model, over all images of a result: how they were cut into batches does not show.
 * @param more.known told of its graph already: everywhere zero
 */
export function gradientFlags(
  name: string,
  { zero, notFinite }: { zero: number; notFinite: number },
  images: number,
  { known = false } = {},
): Flag[] {
  const flags: Flag[] = [];
  if (zero > 0 && !known)
    flags.push({
      code: 'ZERO_GRADIENT',
      message: `${name} gave a gradient of zero for ${zero} of ${images} images: it is so sure there that the loss is flat (pgd with loss=margin or loss=carlini-wagner goes on), saturates within, is piecewise constant, as decision trees and rounding are, or hides its gradients (attack by scores or decisions).`,
    });
  if (notFinite > 0)
    flags.push({
      code: 'GRADIENT_NOT_FINITE',
      message: `${name} gave gradients that are not finite for ${notFinite} of ${images} images: such entries counted as 0.`,
    });
  return flags;
}

/**
 * Answers whose scores are not numbers, or infinite.
 * @param rows of each kind
 * @param of of how many images; where a run is still open, nobody knows
 */
export function scoreFlags(
  name: string,
  { nan, infinite }: { nan: number; infinite: number },
  of?: number,
): Flag[] {
  const which = (rows: number): string => (of === undefined ? 'some' : `${rows} of ${of}`);
  const flags: Flag[] = [];
  if (nan > 0)
    flags.push({
      code: 'NAN_ANSWERS',
      message: `${name} answered ${which(nan)} images with scores that are not numbers: it counts as abstaining there.`,
    });
  if (infinite > 0)
    flags.push({
      code: 'INFINITE_SCORES',
      message: `${name} answered ${which(infinite)} images with a score of infinity: losses and gradients say nothing there, and an attack that follows them may be weak.`,
    });
  return flags;
}

/** Of so many images at least: of fewer it may be by chance. */
const fewestShares = 3;

/**
 * Logits that are probabilities, as far as numbers tell.
 * @param shares images whose scores lie in [0,1] and sum to 1
 * @param of of how many
 */
export function shareFlags(name: string, shares: number, of: number): Flag[] {
  if (shares < of || of < fewestShares) return [];
  const message = `${name} is taken to answer with logits, but on all images they lie in 0 to 1 and sum to 1: they are probabilities, most likely, and attacks that take them for logits may be weak. Say so in its sidecar: output.kind "probabilities".`;
  return [{ code: 'OUTPUT_KIND', message }];
}

/** So few clean images say nothing of chance. */
const fewest = 10;

/**
 * Clean accuracy that guessing may give: then no figure says anything of robustness.
 * @param of.right clean images answered rightly, over all draws a mean
 * @param of.answered clean images answered at all
 * @param of.answers classes of all clean images in the first draw; -1 where the model abstains
 * @param of.labels of the same images: where there is one alone, always saying it is no guess
 */
export function chanceFlags(
  { name, classes }: Pick<Classifier, 'name' | 'classes'>,
  of: { right: number; answered: number; labels: ArrayLike<number>; answers: ArrayLike<number> },
): Flag[] {
  const { right, answered, labels, answers } = of;
  const guess = new Set(Array.from(labels)).size > 1 ? guessShare(labels, classes, answers) : 1 / classes;
  if (answered < fewest || right === answered || !mayBeGuessed(right, answered, guess)) return [];
  const message = `${name} is right on ${right} of ${answered} clean images, not clearly more than by guessing each class as often as it does: its preprocessing, the offset of its labels, the output that was chosen or the labels themselves may be wrong, and the figures say nothing of robustness.`;
  return [{ code: 'CLEAN_AT_CHANCE', message }];
}

/** Less likely than this by luck, for labels that start where they should. */
const shiftedByLuck = 1e-3;

/** The least share of all images that labels which start elsewhere would make right. */
const leastShifted = 0.5;

/** Of so many classes at least must the answers be that would be right: always one class is no shift. */
const fewestShifted = 3;

/**
 * Labels that start at another number: clean images are answered with the class above or below their label on more
 * images than with the label itself, by the exact sign test, and on half of them at least: a network may well be wrong
 * by one class often, as where its smallest score is the answer.
 * @param answers classes of clean images; -1 where the model abstains
 * @param labels of the same images
 */
export function shiftFlags(
  { name }: Pick<Classifier, 'name'>,
  answers: ArrayLike<number>,
  labels: ArrayLike<number>,
): Flag[] {
  const answered = (by: number): number[] =>
    Array.from(labels).filter((label, i) => (answers[i] as number) >= 0 && answers[i] === label + by);
  const right = answered(0).length;
  for (const [by, where] of [
    [1, 'above'],
    [-1, 'below'],
  ] as const) {
    const beside = answered(by);
    if (signTest(beside.length, right) > shiftedByLuck || new Set(beside).size < fewestShifted) continue;
    if (beside.length < leastShifted * labels.length) continue;
    const message = `${name} answers ${beside.length} of ${labels.length} clean images with the class ${where} their label, and ${right} with the label itself: the labels or the offset that the sidecar gives them may start at another number, and no figure that counts what is right holds then.`;
    return [{ code: 'LABELS_SHIFTED', message }];
  }
  return [];
}

/** Images that an attack proposed outside its limit. */
export function outsideFlags(outside: number): Flag[] {
  if (outside === 0) return [];
  return [{ code: 'OUTSIDE_LIMIT', message: `${outside} images left the limit and were brought back.` }];
}

/** A radius below one 8-bit level, and one of linf between two, which is the lower of them. */
export function levelFlags({ norm, epsilon }: LimitSpec, pixels: Pixels): Flag[] {
  if (norm.startsWith('l0') || epsilon === 'free' || pixels !== '8-bit') return [];
  const levels = Math.floor(255 * epsilon + 1e-6);
  if (levels > 0 && (norm !== 'linf' || Math.abs(255 * epsilon - levels) < 1e-3)) return [];
  const what =
    levels === 0
      ? 'less than one 8-bit level: no image but the clean one lies within'
      : `between 8-bit levels: images lie within ${levels}/255`;
  return [{ code: 'EPSILON_LEVELS', message: `The radius ${Number(epsilon.toPrecision(4))} is ${what}.` }];
}

/** A view that changes nothing on models, and why, after their names. */
export interface IdleView {
  view: string;
  models: string[];
  why: string;
}

/** Views that change nothing on any of the models that an attack opened together. */
export function idleViews(views: readonly ViewUse[], opened: readonly Classifier[]): IdleView[] {
  return views.flatMap(({ view }) => {
    const reasons = opened.map((model) => view.idle?.(model));
    const [why] = reasons;
    if (why === undefined || reasons.includes(undefined)) return [];
    return [{ view: view.name, models: opened.map(({ name }) => name), why }];
  });
}

/**
 * Views that were asked for and change nothing, whatever an attack opened.
 * @param found what {@link idleViews} found each time that the attack opened models: for its batches, its opponents
 */
export function idleFlags(found: readonly (readonly IdleView[])[]): Flag[] {
  const [first = []] = found;
  return first.flatMap(({ view, why }) => {
    const each = found.map((idle) => idle.find((other) => other.view === view));
    if (each.includes(undefined)) return [];
    const names = [...new Set(each.flatMap((idle) => idle?.models ?? []))].join('+');
    return [{ code: 'VIEW_IDLE', message: `The view ${view} changes nothing: ${names} ${why}.` }];
  });
}
