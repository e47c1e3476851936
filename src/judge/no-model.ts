import type { Classifier, ModelSize } from '../models/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** Stands where an attack is given no model: every question is refused. */
export function noModel({ height, width }: ModelSize, channels: number): Classifier {
  return {
    name: 'no model',
    input: { channels, height, width },
    classes: 0,
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    rowsPerRun: Number.POSITIVE_INFINITY,
    decisions: refuse,
    scores: refuse,
    gradient: refuse,
    release: () => Promise.resolve(),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(
    new AdvarenaError('ACCESS', 'The attack asks a model, but is given none.', {
      remedy: 'Name a source that the attack may open.',
    }),
  );
}
