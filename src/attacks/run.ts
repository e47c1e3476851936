import { AdvarenaError, type Images, plain, sizeOf } from '../tensor/index.ts';
import type { ActiveSet } from './active-set.ts';
import type { Attack, AttackContext } from './define.ts';

/**
 * Runs an attack until it ends or no sample is active. Each yield is what the attack has then, and may be overwritten;
 * to take it for a result, ask the set to keep it. Returns the result, the images of frozen samples in their places.
 * @throws AdvarenaError ATTACK_IMAGES where it yields images of another shape
 */
export async function* runWithin(
  attack: Attack,
  context: AttackContext,
  set: ActiveSet,
): AsyncGenerator<Images, Images> {
  // The attack may write into its copies, these among them.
  const shape = [...context.batch.images.shape];
  const run = attack.run(context);
  for (;;) {
    const { value, done } = await run.next();
    const images = imagesOf(value, shape, attack);
    set.note(images);
    if (done === true) return set.keep(images);
    if (set.finished()) {
      await run.return(images);
      return set.keep(images);
    }
    yield images;
  }
}

/** What was yielded, read once. */
function imagesOf(value: unknown, shape: readonly number[], attack: Attack): Images {
  const { dtype, shape: given, data } = (value ?? {}) as Partial<Images>;
  const own = data instanceof Float32Array ? plain(data) : undefined;
  if (
    dtype === 'float32' &&
    Array.isArray(given) &&
    given.join() === shape.join() &&
    own?.length === sizeOf(shape)
  )
    return { dtype, shape, data: own };
  throw wrongImages(attack, `${own?.length ?? 'no'} numbers of shape [${given?.join(', ')}]`);
}

export function wrongImages({ name }: Attack, what: string): AdvarenaError {
  return new AdvarenaError('ATTACK_IMAGES', `The attack ${name} returned ${what}.`, {
    remedy: 'This is a defect of the attack: no image of this batch counts.',
    broken: true,
  });
}
