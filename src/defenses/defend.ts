import { parseOptions } from '../catalog/index.ts';
import { type Classifier, seal } from '../models/index.ts';
import type { Defense } from './define.ts';

/** A classifier that shows what it was made from, so that other threads can be told to build the same. */
export interface Defended extends Classifier {
  readonly undefended: Classifier;
  readonly defense: Defense;
  readonly options: Readonly<Record<string, unknown>>;
}

export function isDefended(model: Classifier): model is Defended {
  return 'undefended' in model && 'defense' in model;
}

/**
 * The model behind a defense, again a classifier. Gradients are refused where a stage has none: an attack reaches
 * through it with the view `bpda`.
 * @param options of the defense, checked by its schema
 * @throws AdvarenaError OPTION
 */
export function defend<O>(
  model: Classifier,
  defense: Defense<O>,
  options?: Readonly<Record<string, unknown>>,
): Defended {
  const parsed = parseOptions(defense.options, options, `defense ${defense.name}`);
  return seal({
    ...defense.apply(model, parsed as O),
    undefended: model,
    defense,
    options: parsed,
  });
}
