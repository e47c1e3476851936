import { parseOptions } from '../attacks/index.ts';
import type { Classifier } from '../models/index.ts';
import type { Defense } from './define.ts';

/**
 * The model behind a defense, again a classifier. Gradients are refused where a stage has none: an attack reaches
 * through it with the view `bpda`.
 * @param options of the defense, checked by its schema
 * @throws AdvarenaError OPTION
 */
export function defend(
  model: Classifier,
  defense: Defense,
  options?: Readonly<Record<string, unknown>>,
): Classifier {
  return defense.apply(model, parseOptions(defense.options, options, `defense ${defense.name}`));
}
