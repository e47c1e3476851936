import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Classifier, loadModel } from 'advarena/models';
import { numbers, readNpy, type Tensor } from 'advarena/tensor';

/**
 * What other people's software reached on the same networks and images, unrounded. The shared folder's README defines
 * it; where the folder is absent, what compares with it is skipped.
 */
const shared = process.env['ADVARENA_SHARED'] ?? path.join('..', 'shared');
export const present = existsSync(path.join(shared, 'oracles'));

const read = (...parts: string[]): Buffer => readFileSync(path.join(shared, ...parts));

/** One of the oracles' files, without `.json`. */
export function readOracle(name: string): unknown {
  return JSON.parse(read('oracles', `${name}.json`).toString());
}

/** The images that go with a network. */
export function dataOf(model: string): { images: Tensor<'uint8'>; labels: number[] } {
  const name = model.startsWith('cifar10') ? 'cifar10-500' : 'mnist-1000';
  const load = (part: string): ReturnType<typeof readNpy> =>
    readNpy(read('data', 'small-models', `${name}.${part}.npy`));
  return { images: load('images') as Tensor<'uint8'>, labels: numbers(load('labels')) };
}

export function openOracleModel(model: string): Promise<Classifier> {
  return loadModel(path.join(shared, 'data', 'small-models', `${model}.onnx`));
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
