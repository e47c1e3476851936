import { type Attack, type Batch, ball, type Goal, type GoalKind } from '../attacks/index.ts';
import { type Classifier, type Flag, metered } from '../models/index.ts';
import { AdvarenaError, clone, type Images, type Norm, type RandomSource, source } from '../tensor/index.ts';
import { earlyStop } from './early-stop.ts';
import type { Pixels } from './judge-images.ts';
import type { ResolvedAttack } from './specs.ts';

/** What an attack is to do to which samples, beside its model. */
export interface Assignment {
  norm: Norm;
  /** In pixel units of [0,1]. */
  epsilon: number;
  goal: GoalKind;
  seed: number;
  ids: readonly string[];
  /** float32 [rows, C, H, W] in [0,1]. */
  images: Images;
  /** Classes to leave; undefined: the source's own answers on the clean images, as in 2017. */
  labels?: Int32Array;
  /** Classes to reach, for the goal `targeted`. */
  targets?: Int32Array;
  /** Leaves samples alone once they fool the attacked model, judged with these pixels. */
  stopEarly?: Pixels;
  /** The attack is stopped between two steps once this much time has passed. */
  seconds?: number;
}

/** What an attack proposes; nothing of it is believed before it is judged. */
export interface Proposal {
  images: Images;
  /** Classes that were to be left or reached, per row: those that the source itself named included. */
  classes: Int32Array;
  queries: Record<string, number>;
  gradients: Record<string, number>;
  /** Stopped by the clock: the images are the best so far. */
  timedOut: boolean;
  /** Images for which some gradient was zero in every pixel: see {@link zeroGradients}. */
  dead: number;
  flags: Flag[];
}

/** What zero gradients say of a model, over all images of a result: how they were cut into batches does not show. */
export function zeroGradients(name: string, dead: number, images: number): Flag[] {
  if (!(dead > 0)) return [];
  const message = `${name} gave a gradient of zero for ${dead} of ${images} images: it may mask its gradients.`;
  return [{ code: 'ZERO_GRADIENT', message }];
}

export interface Watch {
  /** After each step. */
  step?(done: number): void;
  /** Lets a stop come in; throws when one was asked. */
  pause?(): Promise<void>;
}

/**
 * Runs an attack on a model in this thread, metered.
 * @throws AdvarenaError ATTACK_NORM, ATTACK_GOAL where it cannot do what is asked; ATTACK_IMAGES where what it
 *   returns has another shape or is not finite
 */
export async function makeImages(
  model: Classifier,
  resolved: ResolvedAttack,
  assignment: Assignment,
  watch: Watch = {},
): Promise<Proposal> {
  const { attack } = resolved;
  refuseUnsuited(attack, assignment);
  const counted = metered(model);
  let seen: Classifier = counted.model;
  const goal = await goalOf(seen, assignment);
  for (const { view, options } of resolved.views.toReversed()) seen = view.wrap(seen, options);
  const stopping =
    assignment.stopEarly !== undefined && attack.budget === 'fixed'
      ? earlyStop(seen, goal, assignment.ids, {
          clean: assignment.images,
          norm: assignment.norm,
          epsilon: assignment.epsilon,
          pixels: assignment.stopEarly,
        })
      : undefined;
  if (stopping !== undefined) {
    seen = stopping.model;
    // Images that fool the model as they are stay as they are, whatever point an attack starts from.
    await seen.scores({ images: assignment.images, ids: assignment.ids });
  }

  const random: RandomSource = source(assignment.seed, `attack/${attack.name}`);
  const batch: Batch = { ids: assignment.ids, images: assignment.images };
  const deadline =
    assignment.seconds === undefined
      ? Number.POSITIVE_INFINITY
      : performance.now() + assignment.seconds * 1000;
  const run = attack.run({
    model: restricted(seen, attack),
    batch,
    goal,
    limit: ball(assignment.norm, assignment.epsilon),
    random,
    options: resolved.options,
  });
  let images: Images | undefined;
  let timedOut = false;
  for (let done = 1; ; done++) {
    const next = await run.next();
    images = next.value;
    if (next.done === true) break;
    watch.step?.(done);
    await watch.pause?.();
    if (performance.now() > deadline) {
      timedOut = true;
      images = clone(images);
      await run.return(images);
      break;
    }
  }
  if (stopping !== undefined) images = stopping.keep(images);
  checkProposal(images, assignment, attack);
  return {
    images,
    classes: goal.classes,
    queries: Object.fromEntries(counted.meter.queries),
    gradients: Object.fromEntries(counted.meter.gradients),
    timedOut,
    dead: counted.meter.dead.size,
    flags: [...model.flags],
  };
}

function refuseUnsuited(attack: Attack, { norm, goal, targets }: Assignment): void {
  if (!attack.norms.includes(norm))
    throw new AdvarenaError('ATTACK_NORM', `The attack ${attack.name} does not work in ${norm}.`, {
      remedy: `Choose one of its norms: ${attack.norms.join(', ')}.`,
    });
  if (!attack.goals.includes(goal))
    throw new AdvarenaError('ATTACK_GOAL', `The attack ${attack.name} has no ${goal} form.`, {
      remedy: `Choose one of its goals: ${attack.goals.join(', ')}.`,
    });
  if (goal === 'targeted' && targets === undefined)
    throw new AdvarenaError('ATTACK_GOAL', 'A targeted attack needs target classes.', {
      remedy: 'Give targets: --targets next|random|csv|FILE.npy, or a column TargetClass in the labels.',
    });
}

/** The classes in question; where the source's own answers are asked for, that counts as a query like any other. */
async function goalOf(model: Classifier, a: Assignment): Promise<Goal> {
  const question = { images: a.images, ids: a.ids };
  if (a.goal === 'targeted') return { kind: 'targeted', classes: a.targets as Int32Array };
  if (a.goal === 'untargeted')
    return { kind: 'untargeted', classes: a.labels ?? (await model.decisions(question)) };
  const scores = await model.scores(question);
  const classes = Int32Array.from(a.ids, (_, i) => {
    let least = 0;
    for (let k = 1; k < model.classes; k++)
      if ((scores.data[i * model.classes + k] as number) < (scores.data[i * model.classes + least] as number))
        least = k;
    return least;
  });
  return { kind: 'targeted', classes };
}

/** The model with only the oracles that the attack declares. */
function restricted(model: Classifier, attack: Attack): Classifier {
  const rank = { none: 0, decision: 1, scores: 2, gradient: 3 }[attack.access];
  const refuse = (what: string) => (): Promise<never> =>
    Promise.reject(
      new AdvarenaError(
        'ACCESS',
        `The attack ${attack.name} asks for ${what}, beyond the access "${attack.access}" that it declares.`,
        {
          remedy: 'Declare the access that the attack needs.',
        },
      ),
    );
  return {
    ...model,
    ...(rank < 1 ? { decisions: refuse('decisions') } : {}),
    ...(rank < 2 ? { scores: refuse('scores') } : {}),
    ...(rank < 3 ? { gradient: refuse('gradients') } : {}),
  };
}

function checkProposal(images: Images, { images: clean }: Assignment, attack: Attack): void {
  const wrong = (message: string): never => {
    throw new AdvarenaError('ATTACK_IMAGES', `The attack ${attack.name} returned ${message}.`, {
      remedy: 'This is a defect of the attack: no image of this batch counts.',
    });
  };
  if (images.shape.join() !== clean.shape.join()) wrong(`images of shape [${images.shape.join(', ')}]`);
  // v − v is NaN for what is not finite: no branch per pixel.
  let doubt = 0;
  for (let i = 0; i < images.data.length; i++)
    doubt += (images.data[i] as number) - (images.data[i] as number);
  if (doubt !== 0) wrong('pixels that are not finite');
}
