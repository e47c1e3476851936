import { positiveNumber } from '../catalog/index.ts';
import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, readNpy } from '../tensor/index.ts';

/**
 * A positive number, decimal or fraction: `0.03`, `8/255`.
 * @param name of the option, for messages
 */
export function positive(name: string): (text: string) => number {
  return (text) => {
    const value = positiveNumber(text);
    if (value === undefined)
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}".`, {
        remedy: 'Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03).',
      });
    return value;
  };
}

/** A whole number of at least `least`. */
export function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\s*\+?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least)
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}".`, {
        remedy: `Give a whole number of at least ${least}.`,
      });
    return value;
  };
}

/** @throws AdvarenaError FILE_MISSING, FILE_UNREADABLE, NPY_... */
export async function readArray(path: string): Promise<AnyTensor> {
  return readNpy(await readFile(path), path);
}
