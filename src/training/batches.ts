import type { Tensor } from '../tensor/index.ts';
import { AdvarenaError, randomOf, takeRows, toFloat } from '../tensor/index.ts';
import type { Augmentation } from './augment.ts';
import { augment } from './augment.ts';
import type { TrainingBatch } from './step.ts';

/** Labelled images in memory. */
export interface Examples {
  readonly ids: readonly string[];
  /** [N, C, H, W], float32 in [0,1] or 8 bits. */
  readonly images: Tensor | Tensor<'uint8'>;
  readonly labels: ArrayLike<number>;
}

/**
 * Batches of examples in an order shuffled anew for each epoch; what is left over at its end is not used. A batch
 * depends on the seed and the step alone, so that training may go on anywhere.
 * @returns the batch of a step, as `train` asks for it
 * @throws AdvarenaError TRAINING_BATCH for fewer examples than a batch takes
 */
export function shuffled(
  examples: Examples,
  options: { size: number; seed: number | string; augmentation?: Augmentation },
): (step: number) => TrainingBatch {
  const { size, augmentation } = options;
  const count = examples.ids.length;
  const perEpoch = Math.floor(count / size);
  if (perEpoch < 1)
    throw new AdvarenaError('TRAINING_BATCH', `${count} examples do not fill a batch of ${size}.`, {
      remedy: 'Take smaller batches or more examples.',
    });
  const random = randomOf(options.seed, 'batches');
  let known: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array() };
  return (step) => {
    const epoch = Math.floor(step / perEpoch);
    if (known.epoch !== epoch) known = { epoch, order: random.stream('', 'order', epoch).permutation(count) };
    const from = (step % perEpoch) * size;
    const indices = known.order.subarray(from, from + size);
    const { images: all } = examples;
    const images = all.dtype === 'uint8' ? toFloat(takeRows(all, indices)) : takeRows(all, indices);
    const ids = Array.from(indices, (i) => examples.ids[i] as string);
    if (augmentation !== undefined) augment(images, ids, epoch, augmentation, random);
    return { images, ids, labels: Int32Array.from(indices, (i) => examples.labels[i] as number) };
  };
}
