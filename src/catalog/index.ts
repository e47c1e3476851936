export type { Catalog } from './catalog.ts';
export { catalogOf } from './catalog.ts';
export type { Entry, EntrySpec, Options } from './entry.ts';
export { parseEpsilon, pixelUnits, positiveNumber } from './epsilon.ts';
export type { OptionFacts, OptionSchema } from './option-facts.ts';
export { optionNames, optionsOf } from './option-facts.ts';
export { parseOptions, unknownOption } from './options.ts';
export { complaint, keysOf, type Path, written } from './schema-words.ts';
export { givenTwice, havingOption, kebabCase, parseEntry, readOption, writeEntry } from './short-form.ts';
