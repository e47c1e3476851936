import { z } from 'zod';
import { AdvarenaError } from '../tensor/index.ts';

/**
 * A number as people write it: `8/255`, `-0.03`, `1e-3`.
 * @returns undefined for anything else, such as what is not finite
 */
export function numberIn(text: string): number | undefined {
  const [above = Number.NaN, below = 1, ...more] = text.split('/').map(decimal);
  const value = above / below;
  return more.length === 0 && Number.isFinite(value) ? value : undefined;
}

/** A positive number as people write it; undefined for anything else. */
export function positiveNumber(text: string): number | undefined {
  const value = numberIn(text);
  return value !== undefined && value > 0 ? value : undefined;
}

function decimal(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
}

/**
 * An epsilon as people write it: `8/255`, `0.03`, or a number.
 * @returns pixel units of [0,1]
 * @throws AdvarenaError EPSILON unless it is a positive finite number
 */
export function parseEpsilon(text: string | number): number {
  const value = positiveNumber(String(text));
  if (value === undefined)
    throw new AdvarenaError('EPSILON', `The epsilon ${JSON.stringify(text)} is no positive number.`, {
      remedy: 'Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.',
    });
  return value;
}

/** The option of an entry of a catalog: pixel units of [0,1], as a number or as a fraction such as `8/255`. */
export const pixelUnits = z
  .union([z.number(), z.string()])
  .transform((text, context) => {
    try {
      return parseEpsilon(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message.replace(/\.$/, '') });
      return z.NEVER;
    }
  })
  .meta({ title: 'number or fraction above 0' });
