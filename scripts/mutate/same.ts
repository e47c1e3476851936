import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Mutant } from './mutant.ts';

/** Mutants that change nothing that a test could notice, with the reason: `same.yaml`. */
const schema = z.array(
  z.strictObject({
    file: z.string(),
    /** The line in which it begins, without the spaces around it. */
    line: z.string(),
    original: z.string(),
    replacement: z.string(),
    reason: z.string().min(10),
  }),
);

export type Same = z.infer<typeof schema>[number];

/** @throws Error for a file of another form */
export function readSame(): Same[] {
  return schema.parse(parse(readFileSync(path.resolve(import.meta.dirname, 'same.yaml'), 'utf8')) ?? []);
}

/** The entry that a mutant has in the list. */
export function sameAs(list: readonly Same[], mutant: Mutant): Same | undefined {
  return list.find(
    ({ file, line, original, replacement }) =>
      file === mutant.file &&
      line === mutant.line &&
      original === mutant.original &&
      replacement === mutant.replacement,
  );
}
