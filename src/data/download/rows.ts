import { dirName, exists, joinPath, readFile } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { cardFile, readCard } from '../card.ts';
import type { Crop } from '../codec.ts';
import { csvText, readTable, type TableRow } from '../csv.ts';
import { isCompetition } from '../formats/competition.ts';
import { competitionHeader, competitionRows } from '../labels.ts';

/** A row of a competition's CSV: where its image is to be had. */
export interface ImageRow {
  /** Of the CSV, from 1. */
  line: number;
  id: string;
  url: string;
  box: Crop['box'];
  /** As they stand in the CSV. */
  cells: readonly string[];
}

export interface ImageList {
  path: string;
  /** The file as it is. */
  bytes: Uint8Array;
  rows: ImageRow[];
  /** Bytes of the card beside the CSV. */
  card: Uint8Array | undefined;
}

/**
 * Reads a competition's CSV for a download; labels are checked as the loader will check them.
 * @throws AdvarenaError with line and column: CSV_INVALID, DUPLICATE_ID, LABEL_INVALID, LABEL_RANGE,
 *   TARGET_IS_LABEL, DATASET_CARD
 */
export async function readImageList(path: string): Promise<ImageList> {
  const table = await readTable(path);
  // By the bytes: the loader knows the file by its first line.
  if (!isCompetition(path))
    throw new AdvarenaError('CSV_INVALID', "The first line is not the competition's header.", {
      where: `${path}, line 1`,
      remedy: `Write it as ${competitionHeader}.`,
    });
  if (table.rows.length === 0)
    throw new AdvarenaError('CSV_INVALID', 'The file has no rows.', {
      where: path,
      remedy: 'Give one row per image.',
    });
  const card = await readCard(path);
  competitionRows(table, {
    offset: card?.offset ?? 1,
    classes: card?.classes.length ?? 1000,
  });
  const cardPath = joinPath(dirName(path), cardFile);
  return {
    path,
    bytes: await readFile(path),
    rows: table.rows.map(imageRow),
    card: (await exists(cardPath)) ? await readFile(cardPath) : undefined,
  };
}

/** The rows as the bytes of a CSV with the competition's header. */
export function tableOf(rows: readonly ImageRow[]): Uint8Array {
  return new TextEncoder().encode(csvText([columns, ...rows.map((r) => r.cells)], { copied: true }));
}

const columns = competitionHeader.split(',');

function imageRow({ where, line, cells }: TableRow): ImageRow {
  const wrong = (column: string, message: string, remedy: string) =>
    new AdvarenaError('CSV_INVALID', message, { where: `${where}, column ${column}`, remedy });
  const cell = (column: string) => cells[columns.indexOf(column)] as string;
  const id = cell('ImageId');
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_. -]*$/u.test(id))
    throw wrong(
      'ImageId',
      `The id "${id}" cannot be the name of a file.`,
      'Use letters, digits, _, - and dots.',
    );
  const url = cell('URL');
  const flaw = urlFlaw(url);
  if (flaw !== undefined) throw wrong('URL', ...flaw);
  const edges = (['x1', 'y1', 'x2', 'y2'] as const).map((column) => {
    const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell(column)) ? Number(cell(column)) : Number.NaN;
    if (value >= 0 && value <= 1) return value;
    const remedy = "Edges of the box are fractions of the image's width and height.";
    throw wrong(column, `The edge "${cell(column)}" is not a number from 0 to 1.`, remedy);
  });
  const [x1, y1, x2, y2] = edges as [number, number, number, number];
  if (x2 <= x1)
    throw wrong('x2', `The right edge ${x2} of the box is not beyond its left one, ${x1}.`, 'Give x1 < x2.');
  if (y2 <= y1)
    throw wrong('y2', `The lower edge ${y2} of the box is not beyond its upper one, ${y1}.`, 'Give y1 < y2.');
  return { line, id, url, box: [x1, y1, x2, y2], cells };
}

/** What is wrong with an address, and the remedy. */
function urlFlaw(text: string): readonly [message: string, remedy: string] | undefined {
  const remedy = 'Give an address that begins with http:// or https://.';
  if (text === '') return ['The row has no URL.', remedy];
  if (!URL.canParse(text)) return [`"${text}" is no URL.`, remedy];
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return [`"${text}" is not on the web.`, remedy];
  if (username === '' && password === '') return undefined;
  return ['The URL holds a user name or password.', 'Take it out: what stands before the @ in the address.'];
}
