import { epsilonText } from '../tensor/index.ts';
import type { Trial } from './measure.ts';
import type { ZooEntry } from './recipe.ts';

const levels = [2, 4, 8];

/** What every network of the zoo is measured with. */
export function standardTrials(): Trial[] {
  return [
    ...levels.map((level) => ({
      name: `fgsm ${epsilonText('linf', level / 255)}`,
      attack: 'fgsm',
      epsilon: level / 255,
    })),
    ...levels.map((level) => ({
      name: `pgd-20 ${epsilonText('linf', level / 255)}`,
      attack: 'pgd',
      options: { steps: 20 },
      epsilon: level / 255,
    })),
  ];
}

/** Images of the trials that are dear. */
const fewer = 1000;

/**
 * Trials that show whether a trained defense is robust or only hides its gradients (Athalye et al. 2018,
 * arXiv:1802.00420, section 3.1): a far stronger attack, two that use no gradient, images of its twin, and an epsilon
 * at which nothing can hold.
 */
export function maskingTrials(twin: { name: string; file: string }): Trial[] {
  const epsilon = 8 / 255;
  return [
    {
      name: 'pgd-100, 5 restarts, margin',
      attack: 'pgd',
      options: { steps: 100, restarts: 5, loss: 'margin' },
      epsilon,
    },
    { name: '1000 random points', attack: 'repeated-noise', options: { draws: 1000 }, epsilon },
    { name: 'square, 2000 queries', attack: 'square', options: { queries: 2000 }, epsilon },
    { name: `pgd-20 of ${twin.name}`, attack: 'pgd', options: { steps: 20 }, epsilon, source: twin },
    { name: 'pgd-20 at 0.5', attack: 'pgd', options: { steps: 20 }, epsilon: 0.5 },
  ].map((trial) => ({ ...trial, count: fewer }));
}

/** Images of naturally trained networks that an ensemble-trained one has never learned from. */
export function transferTrials(entry: ZooEntry, all: readonly ZooEntry[]): Trial[] {
  const { twin, defense } = entry.recipe;
  return all
    .filter((e) => e.recipe.defense === undefined && e.name !== twin && e.model !== undefined)
    .filter((e) => defense?.sources?.includes(e.name) !== true)
    .map((e) => ({
      name: `mi-fgsm of ${e.name} 8/255`,
      attack: 'mi-fgsm',
      epsilon: 8 / 255,
      count: 2 * fewer,
      source: { name: e.name, file: e.model as string },
    }));
}
