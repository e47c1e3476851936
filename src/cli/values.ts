import { availableParallelism } from 'node:os';
import type { InputSetting } from '../models/index.ts';
import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, exactBound, readNpy } from '../tensor/index.ts';

/**
 * A whole number of at least `least`.
 * @param name of the flag, for messages
 * @param more.text all that the flag was given, where the number is a part of it
 */
export function whole(
  name: string,
  least: number,
  more: { text?: string; remedy?: string } = {},
): (number: string) => number {
  return (number) => {
    const value = /^\s*\+?\d+\s*$/.test(number) ? Number(number) : Number.NaN;
    const { text = number, remedy = `Give a whole number of at least ${least}.` } = more;
    const bound = exactBound(value);
    const why = bound === undefined ? '.' : `: a whole number here is ${bound}.`;
    if (!Number.isSafeInteger(value) || value < least)
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}"${why}`, { remedy });
    return value;
  };
}

/** Takes every value of a flag that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/**
 * A file to be written, whatever its ending but that of sidecars: one of them would be lost.
 * @param name of the flag, for messages
 * @param ending that it should have
 */
export function noSidecar(name: string, ending: string): (file: string) => string {
  return (file) => {
    if (!/\.json$/i.test(file)) return file;
    throw new AdvarenaError('ARGUMENT', `${name} is "${file}", which may be the sidecar of a model.`, {
      remedy: `Give a file that ends in ${ending}.`,
    });
  };
}

/** Times the hardware threads: more work at once than this only waits for itself. */
const mostPerThread = 4;

/** A number of threads or processes that this machine can do with. @param name of the flag, for messages */
export function parallel(name: string): (number: string) => number {
  return (number) => {
    const threads = availableParallelism();
    const value = whole(name, 1)(number);
    if (value <= mostPerThread * threads) return value;
    throw new AdvarenaError(
      'ARGUMENT',
      `${name} is ${value}, and this machine has ${threads} hardware threads.`,
      { remedy: `Give at most ${mostPerThread * threads}; more would wait for each other.` },
    );
  };
}

/** @throws AdvarenaError FILE_MISSING, FILE_UNREADABLE, NPY_... */
export async function readArray(path: string): Promise<AnyTensor> {
  return readNpy(await readFile(path), path);
}

/** The value of a further input of a graph: a number, true, false, or the path of a .npy file; undefined for others. */
export function settingOf(value: string): InputSetting | undefined {
  if (value === 'true' || value === 'false') return value === 'true';
  if (/\.npy$/i.test(value)) return value;
  return value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
}
