import { type Options, parseOptions } from '../catalog/index.ts';
import { type Classifier, madeFrom, originOf } from '../models/index.ts';
import { type RandomSource, randomOf } from '../tensor/index.ts';
import type { Defense } from './define.ts';

/**
 * The model behind a defense, again a classifier. Gradients are refused where a stage has none: an attack reaches
 * through it with the view `bpda`.
 * @param options of the defense, checked by its schema
 * @param random of its draws; of a fixed seed by default
 * @throws AdvarenaError OPTION
 */
export function defend<O>(
  model: Classifier,
  defense: Defense<O>,
  options?: Options,
  random: RandomSource = randomOf(0, 'model'),
): Classifier {
  const parsed = parseOptions(defense.options, options, `defense ${defense.name}`);
  const defended = defense.open({ model, options: parsed as O, random });
  const origin = originOf(model);
  if (defended === model || origin === undefined) return defended;
  const { subject, entries } = origin;
  const chain = [{ name: defense.name, options: parsed }, ...(subject.chain ?? [])];
  return madeFrom(defended, { ...subject, chain, name: defended.name }, [defense, ...entries]);
}
