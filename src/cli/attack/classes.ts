import type { Dataset } from '../../data/index.ts';
import type { Classifier } from '../../models/index.ts';
import { AdvarenaError, numbers, randomOf, unknownName } from '../../tensor/index.ts';
import { readArray } from '../values.ts';

/**
 * What the labels call class 0. Files name classes by the labels that the model's sidecar speaks of (CSV) or by the
 * model's output indices (.npy); where the dataset itself says what its classes are, by its own.
 * @throws AdvarenaError CLASSES_DIFFER where the dataset's own are not as many as the model's
 */
export function offsetOf(
  dataset: Dataset,
  { images, labels }: { images: string; labels?: string },
  model: Classifier,
): number {
  const own = labels === undefined || /\.txt$/i.test(labels);
  if (!own || dataset.classes === undefined) return offsetIn(labels ?? images, model);
  if (dataset.classes === model.classes) return dataset.labelOffset;
  throw new AdvarenaError(
    'CLASSES_DIFFER',
    `The dataset has ${dataset.classes} classes, ${model.name} answers with ${model.classes}.`,
    {
      where: images,
      remedy:
        'Use a model of this dataset, or name all its classes: class folders take a list with --labels.',
    },
  );
}

function offsetIn(file: string, model: Classifier): number {
  return isArray(file) ? model.indexOffset : model.labelOffset;
}

/**
 * What a file says of each image, as classes from 0.
 * @param given in the file's own numbers
 * @param rest.offset what they call class 0
 * @throws AdvarenaError LABEL_RANGE in the file's own numbers
 */
export function classesIn(
  file: string,
  given: ArrayLike<number>,
  rest: { what: 'label' | 'target'; model: Classifier; ids: readonly string[]; offset: number },
): Int32Array {
  const { what, model, ids, offset } = rest;
  return Int32Array.from(given, (label, i) => {
    const at = label - offset;
    if (Number.isInteger(label) && at >= 0 && at < model.classes) return at;
    throw new AdvarenaError(
      'LABEL_RANGE',
      `The ${what} of image "${ids[i] ?? i}" is ${label}; ${model.name} answers with ${offset} to ${offset + model.classes - 1}.`,
      {
        where: file,
        remedy: isArray(file)
          ? 'Correct it: a .npy holds output indices of the model, counted from 0.'
          : 'Correct it, or labels.offset in the sidecar of the model: label = output index + offset.',
      },
    );
  });
}

/** The classes to reach, as `--targets` says; those of the labels' file by default. */
export async function targetClasses(
  which: string | undefined,
  given: {
    dataset: Dataset;
    file: string;
    offset: number;
    labels: Int32Array;
    model: Classifier;
    seed: number;
  },
): Promise<Int32Array> {
  const { dataset, file, offset, labels, model, seed } = given;
  const { ids } = dataset;
  if (which === 'next') return labels.map((l) => (l + 1) % model.classes);
  if (which === 'random') {
    const random = randomOf(seed, 'targets');
    return labels.map(
      (l, i) =>
        (l + 1 + random.stream(ids[i] as string, 'target', 0).integer(model.classes - 1)) % model.classes,
    );
  }
  if (which !== undefined && isArray(which)) {
    // With --limit the file may speak of all images.
    const all = numbers(await readArray(which));
    if (all.length < ids.length)
      throw new AdvarenaError('LABEL_MISSING', `${all.length} targets for ${ids.length} images.`, {
        where: which,
        remedy: 'Save one target per image, in the order of the images.',
      });
    return classesIn(which, all.slice(0, ids.length), {
      what: 'target',
      model,
      ids,
      offset: offsetIn(which, model),
    });
  }
  if (which !== undefined && which !== 'csv')
    throw new AdvarenaError(
      'ARGUMENT',
      unknownName('--targets', which, ['next', 'random', 'csv', 'FILE.npy']),
    );
  if (dataset.targets === undefined)
    throw new AdvarenaError('ARGUMENT', 'A targeted attack needs targets, and the labels hold none.', {
      where: file,
      remedy: 'Give --targets next, random or FILE.npy, or a column target in the labels.',
    });
  const named = dataset.targets.map((t) => t + dataset.labelOffset);
  return classesIn(file, named, { what: 'target', model, ids, offset });
}

function isArray(file: string): boolean {
  return /\.npy$/i.test(file);
}
