import type { OptionFacts } from '../catalog/index.ts';
import { painter, type TextOptions, textTable, wrap } from './table.ts';

type Fact = string | readonly string[];
type FactText = (value: Fact | undefined, fact: string) => string;

/** One entry of a catalog, as the tables show it. */
export interface CatalogRow {
  name: string;
  title: string;
  /** What entries of its kind have beside: `norms`, `access`. */
  facts: Readonly<Record<string, Fact>>;
}

/** All that is told of one entry. */
export interface CatalogPage extends CatalogRow {
  paper: string;
  options: readonly OptionFacts[];
  /** A command line that uses it. */
  example: string;
}

/**
 * Entries of one kind, for a terminal. Where it is narrow, lists that hold all there is are told as `all`, then the
 * last facts are left out. Ends without a line break.
 * @param kind head of their names
 */
export function catalogTable(
  kind: string,
  rows: readonly CatalogRow[],
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const facts = Object.keys(rows[0]?.facts ?? {});
  const variant = (shown: readonly string[], text: FactText) => ({
    columns: [kind, 'what it is', ...shown].map((head) => ({ head })),
    rows: rows.map((row) => [row.name, row.title, ...shown.map((fact) => text(row.facts[fact], fact))]),
  });
  const counts = new Map(
    facts.map((fact) => [fact, new Set(rows.flatMap((row) => row.facts[fact] ?? [])).size]),
  );
  const short: FactText = (value, fact) =>
    typeof value === 'object' && value.length > 1 && value.length === counts.get(fact)
      ? 'all'
      : factText(value);
  const leaner = facts.map((_, dropped) => variant(facts.slice(0, facts.length - dropped), short));
  return textTable([variant(facts, factText), ...leaner, variant([], short)], {
    paint: painter(colour),
    width,
    shrink: 1,
  });
}

/** All that is known of one entry, for a terminal. Ends without a line break. */
export function catalogText(page: CatalogPage, { colour = false, width = 80 }: TextOptions = {}): string {
  const paint = painter(colour);
  const facts = [
    ['paper', page.paper],
    ...Object.entries(page.facts).map(([name, value]) => [name, factText(value)]),
  ] as [string, string][];
  const size = Math.max(...facts.map(([name]) => name.length));
  return [
    `${paint('bold', page.name)}\n${wrap(page.title, width)}`,
    facts
      .map(([name, text]) => `${name.padEnd(size)}  ${wrap(text, width, ' '.repeat(size + 2))}`)
      .join('\n'),
    page.options.length === 0
      ? 'It takes no options.'
      : page.options.map((option) => optionText(option, width, (text) => paint('bold', text))).join('\n'),
    `${paint('bold', 'example')}\n  ${page.example}`,
  ].join('\n\n');
}

function factText(value: Fact | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join(', ');
}

function optionText(option: OptionFacts, width: number, head: (text: string) => string): string {
  const { name, values, description } = option;
  const byDefault = option.required
    ? '; must be given'
    : option.default === undefined
      ? ''
      : `; default ${typeof option.default === 'string' ? option.default : JSON.stringify(option.default)}`;
  const lines = [`${values}${byDefault}`, ...(description === '' ? [] : [description])];
  return [head(name), ...lines.map((line) => `  ${wrap(line, width, '  ')}`)].join('\n');
}
