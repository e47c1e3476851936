import { randomOf, takeRows, toFloat } from '../tensor/index.ts';
import { type Augmentation, augment, type TrainingBatch } from '../training/index.ts';
import type { Pool } from './pool.ts';

/**
 * Batches of a pool. The first epoch takes the photographs as they come from the renderers, later ones in an order
 * of their own, so that training starts before the last one is there; which batch a step has depends on the seed
 * and the step alone.
 */
export function batchesOf(
  pool: Pool,
  options: { size: number; seed: number | string; augmentation?: Augmentation },
): (step: number) => Promise<TrainingBatch> {
  const { size, augmentation } = options;
  const perEpoch = Math.floor(pool.count / size);
  const random = randomOf(options.seed, 'batches');
  let known: { epoch: number; order: Uint32Array } | undefined;
  return async (step) => {
    const epoch = Math.floor(step / perEpoch);
    if (known?.epoch !== epoch) {
      const stream = random.stream('', 'order', epoch);
      const inOrder = Uint32Array.from({ length: pool.count }, (_, i) => i);
      known = { epoch, order: epoch === 0 ? inOrder : stream.permutation(pool.count) };
    }
    const from = (step % perEpoch) * size;
    await pool.ready(epoch === 0 ? from + size : pool.count);
    const indices = known.order.subarray(from, from + size);
    const images = toFloat(takeRows(pool.images, indices));
    const ids = Array.from(indices, (i) => pool.id(i));
    if (augmentation !== undefined) augment(images, ids, epoch, augmentation, random);
    return { images, ids, labels: Int32Array.from(indices, (i) => pool.labels[i] as number) };
  };
}
