import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { readFile, readPartSync } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** A CSV file with a header; byte-order mark, any line endings and quoted commas are understood, empty lines skipped. */
export interface Table {
  path: string;
  header: string[];
  rows: TableRow[];
}

export interface TableRow {
  /** File and line, for messages. */
  where: string;
  /** Of the file, from 1. */
  line: number;
  /** One cell per column of the header. */
  cells: string[];
}

const reading = {
  bom: true,
  // Else the first line's ending would have to be every line's.
  record_delimiter: ['\r\n', '\n', '\r'],
  trim: true,
  skip_empty_lines: true,
  relax_column_count: true,
};

/**
 * The cells of a file's first line, as {@link readTable} reads them, however much follows; none where it is no table.
 * @throws AdvarenaError as readFile
 */
export function readHeader(path: string): string[] {
  const text = new TextDecoder().decode(readPartSync(path, 0, 4096));
  try {
    return parse(text, { ...reading, to: 1 })[0] ?? [];
  } catch {
    return [];
  }
}

/** @throws AdvarenaError CSV_INVALID with the line, or as readFile */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readFile(path);
  let records: { info: { lines: number }; record: string[] }[];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.includes('\0')) throw new TypeError('it holds zero bytes');
    records = parse(text, { ...reading, info: true }) as unknown as typeof records;
  } catch (cause) {
    const line = cause instanceof CsvError ? `, line ${String(cause['lines'])}` : '';
    throw new AdvarenaError('CSV_INVALID', `Not a readable CSV file: ${brokenBy(cause)}.`, {
      where: `${path}${line}`,
      remedy: 'Save it as UTF-8 with commas, and quotes doubled within quotes.',
      cause,
    });
  }
  const [first, ...rest] = records;
  const header = first?.record ?? [];
  const rows = rest.map(({ info, record }) => ({
    where: `${path}, line ${info.lines}`,
    line: info.lines,
    cells: record,
  }));
  const uneven = rows.find(({ cells }) => cells.length !== header.length);
  if (uneven !== undefined)
    throw new AdvarenaError(
      'CSV_INVALID',
      `The row has ${uneven.cells.length} cells, the header ${header.length}.`,
      { where: uneven.where, remedy: 'Give every row one cell per column.' },
    );
  return { path, header, rows };
}

/** What the parser, or the decoder of UTF-8, objects to. */
function brokenBy(cause: unknown): string {
  const { code, message } = cause as CsvError;
  const known: Partial<Record<string, string>> = {
    INVALID_OPENING_QUOTE: 'a quote stands within a cell that does not begin with one',
    CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that ends a cell',
    CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'something follows the quote that ends a cell',
    CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no UTF-8',
  };
  return known[code] ?? message;
}

/** A cell to be written; null and undefined leave it empty. */
export type CsvCell = string | number | boolean | null | undefined;

/**
 * The text of a CSV file, a line per row, its header the first. Texts that a spreadsheet would take for a formula
 * (they begin with `=`, `+`, `-`, `@` or a tab) get an apostrophe in front; numbers are left as they are.
 * @param options.copied the cells are those of a file and stay what they were there, formulas too
 */
export function csvText(
  rows: readonly (readonly CsvCell[])[],
  { copied = false }: { copied?: boolean } = {},
): string {
  return stringify(rows as CsvCell[][], { escape_formulas: !copied, cast: { boolean: String } });
}
