import { z } from 'zod';
import type { Entries } from './json.ts';

const pixels = z.int().min(1);

/** A square, or height and width. */
const sides = z.union([
  pixels.transform((side) => ({ height: side, width: side })),
  z.tuple([pixels, pixels]).transform(([height, width]) => ({ height, width })),
  z.looseObject({ height: pixels, width: pixels }).transform(({ height, width }) => ({ height, width })),
]);

/** The length of the shorter side, whatever that of the other. */
const shorter = z
  .looseObject({ shortest_edge: pixels })
  .transform((s) => ({ height: s.shortest_edge, width: s.shortest_edge, shorter: true }));

/** A size in all forms that hubs have. */
export const sizeForms: z.ZodType<{ height: number; width: number; shorter?: boolean }> = z.union([
  sides,
  shorter,
]);

/** One number for all channels, or one for each. */
export const numbers = z.union([z.number().transform((v) => [v]), z.array(z.number()).min(1)]);

/** The same, of numbers above 0. */
export const numbersAboveZero = z.union([
  z
    .number()
    .positive()
    .transform((v) => [v]),
  z.array(z.number().positive()).min(1),
]);

/** An entry in one of its known forms; null and absent are the same, and what has another form is noted. */
export function readerOf(data: Entries, notes: string[]) {
  return <T>(name: string, form: z.ZodType<T>): T | undefined => {
    const value = data[name];
    if (value === undefined || value === null) return undefined;
    const parsed = form.safeParse(value);
    if (parsed.success) return parsed.data;
    notes.push(`${name} is of a form that is not known and was passed over.`);
    return undefined;
  };
}

/** That entries are not in a file, and whose defaults stand in; nothing where none is left out. */
export function defaultsNote(entries: readonly string[], whose: string | undefined): string[] {
  if (entries.length === 0) return [];
  const [are, them] = entries.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [`${entries.join(' and ')} ${are} not in the file: taken as ${whose} has ${them} by default.`];
}

/** What a sidecar cannot say of how images are brought to a size: it holds the size alone. */
export function resizingNote(steps: string): string {
  return `It ${steps}. A sidecar holds the size alone: images of another size are scaled as a whole, linearly and without antialiasing, so that figures may differ from the model's own unless images come prepared.`;
}
