import { z } from 'zod';
import { AdvarenaError } from '../tensor/index.ts';

/**
 * An epsilon as people write it: `8/255`, `0.03`, or a number.
 * @returns pixel units of [0,1]
 * @throws AdvarenaError EPSILON unless it is a positive finite number
 */
export function parseEpsilon(text: string | number): number {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)(?:\s*\/\s*(\d+(?:\.\d+)?))?\s*$/.exec(String(text));
  const value =
    typeof text === 'number'
      ? text
      : match === null
        ? Number.NaN
        : Number(match[1]) / (match[2] === undefined ? 1 : Number(match[2]));
  if (!(value > 0) || !Number.isFinite(value))
    throw new AdvarenaError('EPSILON', `The epsilon ${JSON.stringify(text)} is no positive number.`, {
      remedy: 'Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.',
    });
  return value;
}

/** The option of an entry of a catalog: pixel units of [0,1], as a number or as a fraction such as `8/255`. */
export const pixelUnits = z.union([z.number(), z.string()]).transform((text, context) => {
  try {
    return parseEpsilon(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message.replace(/\.$/, '') });
    return z.NEVER;
  }
});
