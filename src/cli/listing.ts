import type { Command } from 'commander';
import { type Catalog, type Entry, type OptionFacts, optionsOf, writeEntry } from '../catalog/index.ts';
import { type CatalogPage, catalogTable, catalogText } from '../report/index.ts';
import { terminal } from './terminal.ts';

/** How a catalog is told of. */
export interface Listing<E extends Entry> {
  readonly catalog: Catalog<E>;
  /** What its entries have beside name, title, paper and options. */
  facts(entry: E): CatalogPage['facts'];
  /**
   * A command line that uses an entry and runs where model.onnx, images and labels.csv are.
   * @param short the entry in its short form, with an option
   */
  example(entry: E, short: string): string;
}

/** Declares a command that lists a catalog, and with a name tells all of one entry. */
export function buildListing<E extends Entry>(command: Command, listing: Listing<E>): void {
  const { catalog } = listing;
  command
    .argument('[name]', `${catalog.kind} to tell all of`)
    .option('--json', 'one JSON object on stdout')
    .action((name: string | undefined, { json }: { json?: boolean }) => {
      const text =
        name === undefined
          ? json === true
            ? JSON.stringify({ [command.name()]: catalog.all.map((e) => rowData(e, listing)) })
            : catalogTable(
                catalog.kind,
                catalog.all.map((entry) => ({ ...entry, facts: listing.facts(entry) })),
                terminal(),
              )
          : tellOne(catalog.find(name), listing, json === true);
      process.stdout.write(`${text}\n`);
    });
}

function tellOne<E extends Entry>(entry: E, listing: Listing<E>, json: boolean): string {
  const { name, title, paper } = entry;
  const options = optionsOf(entry.options);
  const example = listing.example(entry, shortForm(name, options));
  if (!json)
    return catalogText({ name, title, paper, facts: listing.facts(entry), options, example }, terminal());
  return JSON.stringify({ ...rowData(entry, listing), options: options.map(optionData), example });
}

/** The same keys for every entry of a kind. */
function rowData<E extends Entry>(entry: E, listing: Listing<E>): object {
  const { name, title, paper } = entry;
  return { kind: listing.catalog.kind, name, title, paper, ...listing.facts(entry) };
}

/** The same keys for every option: null stands for what it does not have. */
function optionData({ name, values, choices, required, description, schema, ...rest }: OptionFacts): object {
  return {
    name,
    values,
    choices: choices ?? null,
    required,
    default: rest.default ?? null,
    description,
    schema,
  };
}

/** With the first option that has a value by default. */
function shortForm(name: string, options: readonly OptionFacts[]): string {
  const shown = options.find((o) => o.default !== undefined && o.schema.type !== 'object');
  const short = writeEntry(
    shown === undefined ? { name } : { name, options: { [shown.name]: shown.default } },
  );
  // Shells read brackets and quotes themselves.
  return /^[\w:=.,/-]*$/.test(short) ? short : `'${short}'`;
}
