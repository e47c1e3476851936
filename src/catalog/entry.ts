import type { z } from 'zod';

/** What every entry of a catalog shows. */
export interface Entry<O = unknown> {
  /** In kebab case; unique in its catalog. */
  readonly name: string;
  readonly title: string;
  /** Paper and equations, or the code that defined it. */
  readonly paper: string;
  /** Checks options and fills in defaults; each option has a description. */
  readonly options: z.ZodType<O>;
}

/** Options of an entry as plain data. */
export type Options = Readonly<Record<string, unknown>>;

/** Something of a catalog by name, with options: plain data that any thread can resolve. */
export interface EntrySpec {
  name: string;
  options?: Options;
}
