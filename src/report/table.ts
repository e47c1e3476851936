import { styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** How text goes to a terminal. */
export interface TextOptions {
  /** Colours and weights. @default false */
  colour?: boolean;
  /** Columns of the terminal. @default 80 */
  width?: number;
}

/** A colour or weight of terminal text. */
export type Tone = 'bold' | 'dim' | 'yellow' | 'green' | 'red';

/** Colours text, or leaves it where colour is not wanted. */
export type Paint = (tone: Tone, text: string) => string;

export function painter(colour: boolean): Paint {
  return colour ? (tone, text) => styleText(tone, text, { validateStream: false }) : (_, text) => text;
}

export interface Column {
  head: string;
  /** @default left */
  align?: 'left' | 'right';
}

export interface TextTable {
  columns: readonly Column[];
  rows: readonly (readonly string[])[];
}

/**
 * A table without borders but one rule under its head, as lines without trailing spaces.
 * @param variants the same table from its richest to its leanest form: the first that fits the width is taken.
 *   Where none fits, the column `shrink` of the last is cut with an ellipsis.
 */
export function textTable(
  variants: readonly TextTable[],
  { paint, width, shrink }: { paint: Paint; width: number; shrink: number },
): string {
  let narrowest = '';
  for (const variant of variants) {
    narrowest = draw(variant, paint);
    if (widthOf(narrowest) <= width) return narrowest;
  }
  const last = variants.at(-1);
  if (last === undefined) return '';
  const longest = Math.max(
    ...[last.columns[shrink]?.head ?? '', ...last.rows.map((row) => row[shrink] ?? '')].map(widthOf),
  );
  return draw(last, paint, { column: shrink, size: Math.max(6, longest - (widthOf(narrowest) - width)) });
}

/** Columns of a terminal that the longest line of a text takes: two for wide signs, none for accents and colours. */
export function widthOf(text: string): number {
  return Math.max(0, ...text.split('\n').map((line) => stringWidth(line)));
}

/** Fills a text up with spaces to so many columns of a terminal. */
export function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

function draw({ columns, rows }: TextTable, paint: Paint, cut?: { column: number; size: number }): string {
  const cells = [columns.map((column) => paint('bold', column.head)), ...rows].map((row) =>
    row.map((text, i) => (i === cut?.column ? cliTruncate(text, cut.size) : text)),
  );
  const sizes = columns.map((_, i) => Math.max(...cells.map((row) => widthOf(row[i] ?? ''))));
  const [head = '', ...body] = cells.map((row) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? '', sizes[i] ?? 0, align))
      .join('  ')
      .trimEnd(),
  );
  return [head, paint('dim', '─'.repeat(Math.max(...[head, ...body].map(widthOf)))), ...body].join('\n');
}

/** Breaks a sentence at spaces; words longer than the width stay whole. */
export function wrap(text: string, width: number, indent = ''): string {
  return wrapAnsi(text, width - indent.length).replaceAll('\n', `\n${indent}`);
}
