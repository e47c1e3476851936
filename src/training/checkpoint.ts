import { exists, readFile, sha256, writeFileAtomic } from '../runtime/index.ts';
import type { AnyTensor, Tensor } from '../tensor/index.ts';
import { AdvarenaError, int64, readNpz, tensor, writeNpz } from '../tensor/index.ts';
import type { Weights } from './networks/network.ts';
import type { State } from './step.ts';

/** A measurement on images that are not trained on. */
export interface Validation {
  /** Steps done. */
  readonly step: number;
  readonly value: number;
}

/** Everything that the rest of a training depends on. */
export interface Checkpoint {
  readonly state: State;
  /** Moving average of the weights; empty where none is kept. */
  readonly average: Weights;
  readonly validations: readonly Validation[];
  /** Weights of the best validation; empty before the first. */
  readonly best: Weights;
}

const parts = ['weight', 'slot', 'average', 'best'] as const;

/**
 * Writes a `.npz` file of weights, optimizer tensors and step, whole or not at all.
 * @param recipe hash of what the training is
 */
export async function writeCheckpoint(file: string, recipe: string, checkpoint: Checkpoint): Promise<void> {
  const { state, average, validations, best } = checkpoint;
  const groups = { weight: state.weights, slot: state.slots, average, best };
  const arrays: Record<string, AnyTensor> = { recipe: bytes(recipe), step: int64([state.step], []) };
  const numbers = Float64Array.from(validations.flatMap((v) => [v.step, v.value]));
  arrays['validations'] = tensor(numbers, [validations.length, 2], 'float64');
  for (const part of parts)
    for (const [name, value] of Object.entries(groups[part])) arrays[`${part}/${name}`] = value;
  await writeFileAtomic(file, writeNpz({ ...arrays, digest: digestOf(arrays) }));
}

/**
 * @returns undefined where there is no file
 * @throws AdvarenaError CHECKPOINT_DAMAGED for a file cut short or changed, CHECKPOINT_OTHER for one of another recipe
 */
export async function readCheckpoint(file: string, recipe: string): Promise<Checkpoint | undefined> {
  if (!(await exists(file))) return undefined;
  const damaged = (cause?: unknown): AdvarenaError =>
    new AdvarenaError('CHECKPOINT_DAMAGED', 'The checkpoint is cut short or was changed.', {
      where: file,
      remedy: 'Delete it and train anew, or bring back a whole copy.',
      broken: true,
      cause,
    });
  const content = await readFile(file);
  let arrays: Record<string, AnyTensor>;
  try {
    arrays = readNpz(content, file);
  } catch (cause) {
    throw damaged(cause);
  }
  const { digest, ...rest } = arrays;
  if (digest === undefined || text(digest) !== text(digestOf(rest))) throw damaged();
  if (text(rest['recipe'] as AnyTensor) !== recipe)
    throw new AdvarenaError('CHECKPOINT_OTHER', 'The checkpoint belongs to a training of another recipe.', {
      where: file,
      remedy: 'Name another checkpoint file, or give the network, seed and options that it was made with.',
    });
  const group = (part: string): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(rest)
        .filter(([name]) => name.startsWith(`${part}/`))
        .map(([name, value]) => [name.slice(part.length + 1), value as Tensor]),
    );
  const numbers = rest['validations'] as Tensor<'float64'>;
  return {
    state: {
      step: Number((rest['step'] as Tensor<'int64'>).data[0]),
      weights: group('weight'),
      slots: group('slot'),
    },
    average: group('average'),
    best: group('best'),
    validations: Array.from({ length: numbers.shape[0] ?? 0 }, (_, i) => ({
      step: numbers.data[2 * i] as number,
      value: numbers.data[2 * i + 1] as number,
    })),
  };
}

/** The same arrays give the same archive, so that its hash stands for them. */
function digestOf(arrays: Readonly<Record<string, AnyTensor>>): Tensor<'uint8'> {
  return bytes(sha256(writeNpz(arrays)));
}

function bytes(value: string): Tensor<'uint8'> {
  const data = new TextEncoder().encode(value);
  return tensor(data, [data.length], 'uint8');
}

function text(value: AnyTensor): string {
  return new TextDecoder().decode(value.data as Uint8Array);
}
