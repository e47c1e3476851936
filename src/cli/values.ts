import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, readNpy } from '../tensor/index.ts';

/**
 * A positive number, decimal or fraction: `0.03`, `8/255`.
 * @param name of the option, for messages
 */
export function positive(name: string): (text: string) => number {
  return (text) => {
    const [above = Number.NaN, below = 1, ...more] = text.split('/').map(decimal);
    const value = above / below;
    if (more.length > 0 || !Number.isFinite(value) || value <= 0)
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}".`, {
        remedy: 'Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03).',
      });
    return value;
  };
}

function decimal(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
}

/** A whole number of at least `least`. */
export function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = decimal(text);
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
