import type { DraftEntry, SidecarDraft, Trials } from '../models/index.ts';
import { countText, percent } from './format.ts';
import { printable } from './printable.ts';
import { type Paint, painter, type TextOptions, textTable, wrap } from './table.ts';

/** A sidecar that was written, with where it comes from. */
export interface SidecarPage extends SidecarDraft {
  model: string;
  /** Undefined where it was printed. */
  file: string | undefined;
  trials?: Trials | undefined;
}

/** What a sidecar has and from where, as text for a terminal. Ends without a line break. */
export function sidecarText(page: SidecarPage, { colour = false, width = 80 }: TextOptions = {}): string {
  const paint = painter(colour);
  const { model, file, entries, missing, notes, trials } = printable(page);
  const parts = [
    [paint('bold', `The sidecar of ${model}${file === undefined ? '' : `, written to ${file}`}`)],
    [entriesTable(entries, { paint, width })],
    trials === undefined ? [] : [trialsTable(trials, { paint, width })],
    notes.map((note) => wrap(note, width, '  ')),
    missing.length === 0
      ? []
      : [
          paint('yellow', 'To be filled in by hand:'),
          ...missing.map(({ entry, what }) => `  ${wrap(`${entry}: ${what}`, width - 2, '    ')}`),
        ],
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

function entriesTable(entries: readonly DraftEntry[], options: { paint: Paint; width: number }): string {
  return textTable(
    [
      {
        columns: [{ head: 'entry' }, { head: 'value' }, { head: 'from' }],
        rows: entries.map(({ entry, value, from, note }) => [
          entry,
          valueText(value),
          note === undefined ? from : `${from}: ${note}`,
        ]),
      },
    ],
    { ...options, shrink: 2 },
  );
}

function valueText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  if (value.every((v) => typeof v === 'number'))
    return value.map((v: number) => String(Number(v.toPrecision(4)))).join(', ');
  return value.length < 4
    ? value.join(', ')
    : `${countText(value.length)}: ${value.slice(0, 2).join(', ')}, …`;
}

/** Of each preprocessing the offset that does best. */
function trialsTable({ trials, images, best }: Trials, options: { paint: Paint; width: number }): string {
  const offsets = new Set(trials.map((t) => t.offset)).size > 1;
  const orders = trials.some((t) => t.channels !== 'GRAY');
  const shown = trials.filter(
    (t, i) => trials.findIndex((o) => o.title === t.title && o.channels === t.channels) === i,
  );
  const pick = <T>(cells: readonly (T | false)[]): T[] => cells.filter((cell): cell is T => cell !== false);
  return textTable(
    [
      {
        columns: pick([
          { head: 'preprocessing' },
          orders && { head: 'channels' },
          offsets && { head: 'offset', align: 'right' as const },
          { head: 'right', align: 'right' as const },
          { head: 'accuracy', align: 'right' as const },
          best !== undefined && { head: '' },
        ]),
        rows: shown.map((t) =>
          pick([
            t.title,
            orders && t.channels,
            offsets && String(t.offset),
            `${countText(t.right)} of ${countText(images)}`,
            percent(t.right / images),
            best !== undefined &&
              (t.title === best.title && t.channels === best.channels ? 'clearly best' : ''),
          ]),
        ),
      },
    ],
    { ...options, shrink: 0 },
  );
}
