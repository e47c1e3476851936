import type { Attribute } from './graph.ts';

/** Attribute values as they are convenient to write: numbers are ints, number[] ints; see {@link float}. */
export type AttributeInput = number | string | readonly number[] | readonly string[] | Attribute;

/** Marks a number as a float attribute (a bare number is an int). */
export function float(value: number): Attribute {
  return { type: 'float', value };
}

/** Marks numbers as a floats attribute. */
export function floats(value: readonly number[]): Attribute {
  return { type: 'floats', value };
}

/** The attribute that a value stands for. */
export function attribute(input: AttributeInput): Attribute {
  if (typeof input === 'number') return { type: 'int', value: input };
  if (typeof input === 'string') return { type: 'string', value: input };
  if (Array.isArray(input)) {
    return typeof input[0] === 'string'
      ? { type: 'strings', value: input as string[] }
      : { type: 'ints', value: input as number[] };
  }
  return input as Attribute;
}
