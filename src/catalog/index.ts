export type { Catalog } from './catalog.ts';
export { catalogOf } from './catalog.ts';
export type { Entry, EntrySpec, Options } from './entry.ts';
export { parseEpsilon, pixelUnits, positiveNumber } from './epsilon.ts';
export { optionNames, parseOptions } from './options.ts';
