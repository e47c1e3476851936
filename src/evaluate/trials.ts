import { attacks } from '../attacks/index.ts';
import type { Options } from '../catalog/index.ts';
import { attack } from '../judge/index.ts';
import type { Classifier } from '../models/index.ts';
import type { Hosts } from '../runtime/index.ts';
import { epsilonText, type Tensor } from '../tensor/index.ts';

/** A network to transfer from. */
export interface Source {
  name: string;
  file: string;
}

/** An attack that a network is tried with, in linf. */
export interface Trial {
  /** Of the figure: `pgd-20 8/255`. */
  name: string;
  attack: string;
  options?: Options;
  epsilon: number;
  /** Questions per image. */
  queries?: number;
  /** Images, from the first: all by default. */
  count?: number;
  /** Network that the images are made on; the tried one by default. */
  source?: Source;
}

/** What one trial left: for each image, in order, `1` where the answer is still right and `0` elsewhere. */
export interface TrialResult {
  name: string;
  right: string;
}

/** What a trial is held on. */
export interface TrialImages {
  images: Tensor<'uint8'>;
  labels: ArrayLike<number>;
  ids: readonly string[];
}

/**
 * Holds one trial. Attacks stop at images that they have already fooled the network with, unless they are made on
 * another one.
 * @param source the trial's source, opened
 * @returns right answers on the clean images and on the attacked ones, as {@link TrialResult} has them
 */
export async function holdTrial(
  model: Classifier,
  trial: Trial,
  given: TrialImages & { source: Classifier | undefined; hosts: Hosts; signal?: AbortSignal },
): Promise<{ clean: string; right: string }> {
  const { source, hosts, signal, ...images } = given;
  const outcome = await attack(model, attacks.find(trial.attack), {
    ...images,
    epsilon: trial.epsilon,
    ...(trial.options && { options: trial.options }),
    ...(source && { sources: [source] }),
    ...(trial.queries !== undefined && { queries: trial.queries }),
    stopEarly: true,
    hosts,
    ...(signal && { signal }),
  });
  const bits = (of: 'clean' | 'adversarial'): string =>
    outcome.samples.map((s) => (s.clean === s.label && s[of] === s.label ? '1' : '0')).join('');
  return { clean: bits('clean'), right: bits('adversarial') };
}

/** Radii of the standard trials, in 8-bit levels. */
export const levels = [2, 4, 8] as const;

export const standardNames = {
  fgsm: (level: number) => `fgsm ${epsilonText('linf', level / 255)}`,
  pgd: (level: number) => `pgd-20 ${epsilonText('linf', level / 255)}`,
};

/** What every network is tried with first. */
export function standardTrials(): Trial[] {
  return [
    ...levels.map((level) => ({ name: standardNames.fgsm(level), attack: 'fgsm', epsilon: level / 255 })),
    ...levels.map((level) => ({
      name: standardNames.pgd(level),
      attack: 'pgd',
      options: { steps: 20 },
      epsilon: level / 255,
    })),
  ];
}

/** Images of the trials that are dear. */
const fewer = 1000;

export const maskingNames = {
  strong: 'pgd-100, 5 restarts, margin',
  noise: '1000 random points',
  square: 'square, 2000 queries',
  transfer: (source: string) => `pgd-20 of ${source}`,
  huge: 'pgd-20 at 0.5',
};

/**
 * Trials that show whether a trained defense is robust or only hides its gradients (Athalye et al. 2018,
 * arXiv:1802.00420, section 3.1): a far stronger attack, two that use no gradient, images of its twin, and an epsilon
 * at which nothing can hold.
 */
export function maskingTrials(twin: Source): Trial[] {
  const epsilon = 8 / 255;
  const { strong, noise, square, transfer, huge } = maskingNames;
  return [
    { name: strong, attack: 'pgd', options: { steps: 100, restarts: 5, loss: 'margin' }, epsilon },
    { name: noise, attack: 'repeated-noise', options: { draws: 1000 }, epsilon },
    { name: square, attack: 'square', queries: 2000, options: { schedule: 2000 }, epsilon },
    { name: transfer(twin.name), attack: 'pgd', options: { steps: 20 }, epsilon, source: twin },
    { name: huge, attack: 'pgd', options: { steps: 20 }, epsilon: 0.5 },
  ].map((trial) => ({ ...trial, count: fewer }));
}

/** Images of other networks, those that an ensemble-trained one has never learned from. */
export function transferTrials(sources: readonly Source[]): Trial[] {
  return sources.map((source) => ({
    name: `mi-fgsm of ${source.name} 8/255`,
    attack: 'mi-fgsm',
    epsilon: 8 / 255,
    count: 2 * fewer,
    source,
  }));
}
