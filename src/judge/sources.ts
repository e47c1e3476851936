import type { Attack } from '../attacks/index.ts';
import { type Classifier, type Flag, originOf } from '../models/index.ts';
import { realPathSync } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/**
 * @throws AdvarenaError SOURCES where there are none, where the attack opens no model, and where one answers with another
 *   number of classes
 */
export function refuseSources(
  model: Classifier,
  attack: Attack,
  sources: readonly Classifier[] | undefined,
): void {
  if (sources === undefined) return;
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('SOURCES', message, { remedy });
  };
  if (sources.length === 0) refuse('The list of sources is empty.', 'Name at least one, or leave it out.');
  if (attack.access === 'none') refuse(`The attack ${attack.name} opens no model.`, 'Leave its sources out.');
  for (const { name, classes } of sources)
    if (classes !== model.classes)
      refuse(
        `The source ${name} answers with ${classes} classes, ${model.name} with ${model.classes}.`,
        'Take sources of the same dataset.',
      );
}

/** Says that an attack opened a network on which the judged model stands: its figures are no transfer. */
export function sourceFlags(model: Classifier, sources: readonly Classifier[] | undefined): Flag[] {
  const judged = new Set(networksOf(model));
  return (sources ?? [])
    .filter((source) => source === model || networksOf(source).some((file) => judged.has(file)))
    .map(({ name }) => ({
      code: 'SOURCE_IS_JUDGED',
      message: `The attack opened ${name}, on which the judged model stands: these figures are no transfer.`,
    }));
}

/** Files of the networks that a classifier consists of; none for what exists in this thread alone. */
function networksOf(model: Classifier): string[] {
  const spec = originOf(model)?.subject.model;
  if (spec === undefined) return [];
  const networks = 'file' in spec ? [spec] : spec.ensemble;
  return networks.map(({ file }) => realPathSync(file));
}
