import { AdvarenaError } from '../tensor/index.ts';
import type { Catalog } from './catalog.ts';
import type { Entry, EntrySpec } from './entry.ts';
import { meaning, standingAlone } from './meaning.ts';
import { alternatives, type OptionFacts, optionNames, optionsOf } from './option-facts.ts';
import { unknownOption, wrongValue } from './options.ts';
import { readWritten, readWrittenList, writeValue } from './written.ts';

/**
 * An entry as people write it in a line: `pgd`, `pgd:steps=40,loss=margin,randomStart=false`. What a value means is
 * for the entry's schema to say: numbers may be fractions, lists stand in brackets, a truth value that is only named
 * is true, and text with a comma, a bracket or a quote stands in quotes. Options are named in camel or kebab case.
 * @param elsewhere what to tell of a key that is no option of the entry but has a place elsewhere
 * @returns options as given, of the types that the schema takes; its ranges are checked by {@link parseOptions}
 * @throws AdvarenaError UNKNOWN_NAME, OPTION with the nearest name; SHORT_FORM where it cannot be read
 */
export function parseEntry(
  text: string,
  catalog: Catalog,
  elsewhere: (key: string) => string | undefined = () => undefined,
): EntrySpec {
  const colon = text.indexOf(':');
  const { name, options: schema } = catalog.find((colon < 0 ? text : text.slice(0, colon)).trim());
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  if (rest.trim() === '') return { name };
  const owner = `${catalog.kind} ${name}`;
  const known = optionsOf(schema);
  const options: Record<string, unknown> = {};
  for (const { key, value, source } of readWritten(rest, text)) {
    const option = known.find((o) => kebabCase(o.name) === kebabCase(key));
    if (option === undefined)
      throw unknownOption(key, known, owner, { others: havingOption(catalog, key), remedy: elsewhere(key) });
    if (Object.hasOwn(options, option.name)) throw givenTwice(option.name, owner);
    const found = value === undefined ? standingAlone(option.schema) : meaning(value, option.schema);
    if (found === undefined)
      throw wrongValue(option, value === undefined ? 'given no value' : JSON.stringify(source), known, owner);
    options[option.name] = found.value;
  }
  return { name, options };
}

/**
 * The short form of an entry, from which {@link parseEntry} reads the same.
 * @throws TypeError for an option that holds an object, which has no short form
 */
export function writeEntry({ name, options = {} }: EntrySpec): string {
  const written = Object.entries(options).map(([key, value]) => `${key}=${writeValue(value)}`);
  return written.length === 0 ? name : `${name}:${written.join(',')}`;
}

/**
 * The value of one option from a word of its own, such as that of a flag: as in a short form, but text needs no
 * quotes.
 * @param known all options of its entry
 * @param owner what messages call the entry, such as `attack pgd`
 * @throws AdvarenaError OPTION, SHORT_FORM
 */
export function readOption(
  text: string,
  option: OptionFacts,
  known: readonly OptionFacts[],
  owner: string,
): unknown {
  const takesLists = alternatives(option.schema).some(({ type }) => type === 'array');
  const written =
    takesLists && text.trim().startsWith('[') ? readWrittenList(text, option.name) : { text, quoted: false };
  const found = meaning(written, option.schema);
  if (found === undefined) throw wrongValue(option, JSON.stringify(text), known, owner);
  return found.value;
}

/** Names of the entries that have an option, in either case of its name. */
export function havingOption({ all }: Catalog, name: string): string[] {
  const has = (entry: Entry): boolean =>
    optionNames(entry.options).some((own) => kebabCase(own) === kebabCase(name));
  return all.filter(has).map((entry) => entry.name);
}

/** `stepSize` -> `step-size` */
export function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/** Tells that an option was given more than once. */
export function givenTwice(option: string, owner: string): AdvarenaError {
  return new AdvarenaError('OPTION', `The option ${option} of the ${owner} is given twice.`, {
    remedy: 'Give it once.',
  });
}
