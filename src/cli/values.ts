import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, readNpy } from '../tensor/index.ts';

/**
 * A positive number, decimal or fraction: `0.03`, `8/255`.
 * @param name of the option, for messages
 */
export function positive(name: string): (text: string) => number {
  return (text) => {
    const parts = text.split('/');
    const numbers = parts.map((p) => (p.trim() === '' ? Number.NaN : Number(p)));
    const value =
      parts.length === 2 ? (numbers[0] as number) / (numbers[1] as number) : (numbers[0] as number);
    if (parts.length > 2 || !Number.isFinite(value) || value <= 0)
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}".`, {
        remedy: 'Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03).',
      });
    return value;
  };
}

/** A whole number of at least `least`. */
export function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || text.trim() === '')
      throw new AdvarenaError('ARGUMENT', `${name} is "${text}".`, {
        remedy: `Give a whole number of at least ${least}.`,
      });
    return value;
  };
}

/** @throws AdvarenaError NO_FILE, NPY */
export async function readArray(path: string): Promise<AnyTensor> {
  return readNpy(await readFile(path), path);
}
