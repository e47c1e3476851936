import { type Command, Option } from 'commander';
import {
  type Catalog,
  type EntrySpec,
  givenTwice,
  havingOption,
  kebabCase,
  type OptionFacts,
  optionNames,
  optionsOf,
  parseEntry,
  readOption,
  unknownOption,
} from '../catalog/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** A flag that stands for an option of an entry. */
class EntryFlag extends Option {
  readonly option: OptionFacts;

  constructor(flags: string, description: string, option: OptionFacts) {
    super(flags, description);
    this.option = option;
  }
}

/**
 * Declares the options of an entry as flags of a command: `stepSize` is `--step-size`. A flag that the command has
 * itself stays its own, so that an option of that name is set in the short form alone. Flags that only other entries
 * have are refused with their names.
 * @param text the entry in its short form
 * @throws AdvarenaError UNKNOWN_NAME, OPTION, SHORT_FORM
 */
export function addEntryFlags(command: Command, catalog: Catalog, text: string): void {
  const flagOf = (key: string): string | undefined => {
    const flag = command.options.find((o) => o.name() === kebabCase(key))?.long;
    return flag && `Give ${flag} beside it: it is a flag of the command.`;
  };
  const { name, options } = catalog.find(parseEntry(text, catalog, flagOf).name);
  const owner = `${catalog.kind} ${name}`;
  const known = optionsOf(options);
  const shadowed = known.filter((option) => isTaken(command, option.name));
  command.optionsGroup(`Options of the ${owner}:`);
  for (const option of known.filter((o) => !shadowed.includes(o))) {
    let times = 0;
    for (const flag of flagsOf(option, known, owner)) {
      command.addOption(flag);
      command.on(`option:${flag.name()}`, () => {
        times++;
        if (times > 1) throw givenTwice(option.name, owner);
      });
    }
  }
  if (shadowed.length > 0)
    command.addHelpText(
      'after',
      `\nIn the short form only, for their flags mean something else: ${shadowed.map((o) => o.name).join(', ')}.`,
    );
  refuseFlags(command, catalog, (other) =>
    unknownOption(other, known, owner, { others: havingOption(catalog, other) }),
  );
}

/**
 * Refuses the options of all entries as flags: where there are several, nothing says whose one is.
 * @param named the several, of which one that has the option is named
 */
export function refuseEntryFlags(command: Command, catalog: Catalog, named: readonly string[]): void {
  refuseFlags(command, catalog, (option) => {
    const having = havingOption(catalog, option);
    const name = having.find((n) => named.some((text) => text.split(':')[0] === n)) ?? having[0] ?? '';
    return new AdvarenaError(
      'OPTION_CONFLICT',
      `--${kebabCase(option)} is of one ${catalog.kind}, and there are several.`,
      { remedy: `Write it behind the name that it belongs to: --${catalog.kind} ${name}:${option}=VALUE.` },
    );
  });
}

/** Refuses what is no flag of a command but an option of some entry. */
function refuseFlags(command: Command, catalog: Catalog, error: (option: string) => AdvarenaError): void {
  for (const option of new Set(catalog.all.flatMap((entry) => optionNames(entry.options)))) {
    if (isTaken(command, option)) continue;
    for (const flags of [`--${kebabCase(option)} [value]`, `--no-${kebabCase(option)}`]) {
      const refused = new Option(flags).hideHelp();
      command.addOption(refused);
      command.on(`option:${refused.name()}`, () => {
        throw error(option);
      });
    }
  }
}

/**
 * An entry with what flags say beside its short form.
 * @throws AdvarenaError OPTION for an option that both give
 */
export function withFlags(command: Command, spec: EntrySpec, kind: string): EntrySpec {
  const flags = command.options.filter((o) => o instanceof EntryFlag);
  const given = new Set(
    flags.map((f) => f.option.name).filter((name) => command.getOptionValueSource(name) === 'cli'),
  );
  if (given.size === 0) return spec;
  const options: Record<string, unknown> = { ...spec.options };
  for (const name of given) {
    if (Object.hasOwn(options, name)) throw givenTwice(name, `${kind} ${spec.name}`);
    options[name] = command.getOptionValue(name);
  }
  return { name: spec.name, options };
}

/** Names that the parser would take for something else: its own flags, and negations. */
function isTaken(command: Command, option: string): boolean {
  return (
    /^(?:help|version|no-.*)$/.test(kebabCase(option)) ||
    command.options.some((o) => o.attributeName() === option)
  );
}

/** A truth value has two flags, of which help shows the one that changes what holds by default. */
function flagsOf(option: OptionFacts, known: readonly OptionFacts[], owner: string): EntryFlag[] {
  const flag = kebabCase(option.name);
  const { description } = option;
  if (option.values === 'true or false')
    return [
      new EntryFlag(`--${flag}`, description, option).hideHelp(option.default === true),
      new EntryFlag(`--no-${flag}`, `not: ${description}`, option).hideHelp(option.default !== true),
    ];
  const about = `${description} (${option.values}${byDefault(option)})`;
  return [
    new EntryFlag(`--${flag} <value>`, about, option).argParser((value: string) =>
      readOption(value, option, known, owner),
    ),
  ];
}

function byDefault(option: OptionFacts): string {
  if (option.required) return '; required';
  const { default: value } = option;
  if (value === undefined) return '';
  return `; default ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
