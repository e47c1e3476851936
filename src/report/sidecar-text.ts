import type { DraftEntry, SidecarDraft, Trial, Trials } from '../models/index.ts';
import { cutText } from '../tensor/index.ts';
import { countText, percent } from './format.ts';
import { printable } from './printable.ts';
import { type Paint, painter, type TextOptions, type TextTable, textTable, widthOf, wrap } from './table.ts';

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
    trials === undefined ? [] : [trialsTable(trials, entries, { paint, width })],
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
  const cells = entries.map(({ entry, value }) => [entry, valueText(value)] as const);
  const widest = (column: 0 | 1): number => Math.max(0, ...cells.map((row) => widthOf(row[column])));
  const room = options.width - widest(0) - widest(1) - 4;
  const below: string[] = [];
  const rows = entries.map(({ from, note }, i) => {
    const [entry, value] = cells[i] as (typeof cells)[number];
    const whole = note === undefined ? from : `${from}: ${note}`;
    if (note === undefined || widthOf(whole) <= room) return [entry, value, whole];
    // What must be known of an entry is not cut off.
    below.push(wrap(`${entry}: ${note}.`, options.width, '  '));
    return [entry, value, from];
  });
  const columns = [{ head: 'entry' }, { head: 'value' }, { head: 'from' }];
  const table = textTable([{ columns, rows }], { ...options, shrink: 2 });
  return below.length === 0 ? table : `${table}\n\n${below.join('\n')}`;
}

/** What people keep of their own in a sidecar may be long. */
const shownJson = 40;

function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return cutText(JSON.stringify(value), shownJson);
  if (!Array.isArray(value)) return String(value);
  if (value.every((v) => typeof v === 'number')) return value.map(short).join(', ');
  if (value.some((v) => typeof v === 'object')) return cutText(JSON.stringify(value), shownJson);
  return value.length < 4
    ? value.join(', ')
    : `${countText(value.length)}: ${value.slice(0, 2).join(', ')}, …`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Numbers as they stand in a sidecar, in the network's order of channels; one where all are equal. */
function numbersText(values: readonly number[], separator: string): string {
  return new Set(values).size === 1 ? short(values[0] as number) : values.map(short).join(separator);
}

/** Of each preprocessing the offset that does best. */
function trialsTable(
  { trials, images, near, best }: Trials,
  entries: readonly DraftEntry[],
  options: { paint: Paint; width: number },
): string {
  const offsets = trials.some((t) => t.offset !== 0);
  const orders = trials.some((t) => t.channels !== 'GRAY');
  const same = (a: Trial, b: Trial): boolean => a.title === b.title && a.channels === b.channels;
  const shown = trials.filter((t, i) => trials.findIndex((o) => same(o, t)) === i);
  const written = (t: Trial): boolean =>
    Object.entries({
      'input.channels': t.channels,
      'preprocessing.mean': t.mean,
      'preprocessing.std': t.std,
    }).every(([entry, value]) =>
      entries.some((e) => e.entry === entry && JSON.stringify(e.value) === JSON.stringify(value)),
    );
  const first = best && (near.find(written) ?? best);
  const clear = near.every((t) => t.title === first?.title);
  const state = (t: Trial, narrow: boolean): string => {
    if (!near.some((o) => same(o, t))) return '';
    if (first === undefined || !same(first, t)) return 'possible';
    return clear ? (narrow ? 'best' : 'clearly best') : written(t) ? 'taken' : 'possible';
  };
  const pick = <T>(cells: readonly (T | false)[]): T[] => cells.filter((cell): cell is T => cell !== false);
  const table = ({ accuracy = false, narrow = false }): TextTable => ({
    columns: pick([
      { head: 'preprocessing' },
      orders && { head: 'order' },
      { head: 'mean' },
      { head: 'std' },
      offsets && { head: 'offset', align: 'right' as const },
      { head: 'right', align: 'right' as const },
      accuracy && { head: 'accuracy', align: 'right' as const },
      near.length > 0 && { head: '' },
    ]),
    rows: shown.map((t) =>
      pick([
        t.title,
        orders && t.channels,
        numbersText(t.mean, narrow ? ',' : ', '),
        numbersText(t.std, narrow ? ',' : ', '),
        offsets && String(t.offset),
        `${countText(t.right)} of ${countText(images)}`,
        accuracy && percent(t.right / images),
        near.length > 0 && state(t, narrow),
      ]),
    ),
  });
  return textTable([table({ accuracy: true }), table({}), table({ narrow: true })], {
    ...options,
    shrink: 0,
  });
}
