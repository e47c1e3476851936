import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';

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

const quiet = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

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

/** Columns that the longest line of a text takes. */
export function widthOf(text: string): number {
  return Math.max(
    0,
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  );
}

function draw(table: TextTable, paint: Paint, cut?: { column: number; size: number }): string {
  const drawn = new Table({
    head: table.columns.map((column) => paint('bold', column.head)),
    colAligns: table.columns.map((column) => column.align ?? 'left'),
    colWidths: table.columns.map((_, i) => (i === cut?.column ? cut.size : null)),
    chars: quiet,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  drawn.push(...table.rows.map((row) => [...row]));
  const lines = drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const [head = '', ...body] = lines;
  return [head, paint('dim', '─'.repeat(Math.max(...lines.map(widthOf)))), ...body].join('\n');
}

/** Breaks a sentence at spaces; words longer than the width stay whole. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
