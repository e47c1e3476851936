import type { BoardRow, Boards, Cell, TournamentResult } from '../arena/index.ts';
import { type Estimate, epsilonText } from '../tensor/index.ts';
import { counted, intervalOf, percent, pointsInterval, secondsText } from './format.ts';
import { printable } from './printable.ts';
import { cellIndex, orderOf, tracks, verdict } from './reading.ts';
import {
  type Column,
  type Paint,
  painter,
  type TextOptions,
  type TextTable,
  textTable,
  widthOf,
  wrap,
} from './table.ts';

/**
 * Everything a tournament says, as text for a terminal: flags, leaderboards (all, then each threat model apart), the
 * matrix per epsilon, the comparisons. Ends without a line break.
 * @param options.width what does not fit is left to the HTML report; the figure a board ranks by never is
 */
export function tournamentTables(
  tournament: TournamentResult,
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const result = printable(tournament);
  const paint = painter(colour);
  const boards = result.boards.filter((b) => b.epsilon === undefined && hasRows(b));
  // Two boards are one where every attack has the same threat model.
  const kinds = new Set(result.cells.map((c) => c.threat));
  const shown = kinds.size > 1 ? boards : boards.filter((b) => b.threat === 'all');
  return [
    heading(result, paint, width),
    ...flagLines(result, paint, width),
    ...shown.flatMap((board) => boardTexts(board, [...kinds], { paint, width })),
    ...result.epsilons.map((epsilon) => matrixText(result, epsilon, { paint, width })),
    ...comparisonTexts(result, { paint, width }),
  ].join('\n\n');
}

interface Place {
  paint: Paint;
  width: number;
}

function hasRows(boards: Boards): boolean {
  return tracks.some(({ key }) => boards[key].length > 0);
}

function heading(result: TournamentResult, paint: Paint, width: number): string {
  const epsilons = result.epsilons.map((e) => epsilonText(result.norm, e)).join(', ');
  const what = [
    `${counted(result.attacks.length, 'attack')} against ${counted(result.defenses.length, 'defense')}`,
    `${counted(result.dataset.images, 'image')} of ${result.dataset.name}`,
    `${result.norm} ${epsilons}${result.epsilonPerBatch === 'cycle' && result.epsilons.length > 1 ? ' in turn' : ''}`,
    ...(result.draws > 1 ? [`${result.draws} draws`] : []),
    `seed ${result.seed}`,
  ].join(', ');
  return `${paint('bold', result.name)}\n${wrap(what, width)}`;
}

/** One paragraph per flag; empty without flags. */
export function flagLines(result: Pick<TournamentResult, 'flags'>, paint: Paint, width: number): string[] {
  if (result.flags.length === 0) return [];
  return [result.flags.map((f) => wrap(`${paint('yellow', f.code)}  ${f.message}`, width, '  ')).join('\n')];
}

/** Those of all results, alike ones once. */
export function distinctFlags(
  results: readonly Pick<TournamentResult, 'flags'>[],
): TournamentResult['flags'] {
  const flags = results.flatMap((result) => result.flags);
  return [...new Map(flags.map((flag) => [flag.code + flag.message, flag])).values()];
}

const threatTitles: Record<Boards['threat'], string> = {
  all: 'all threat models',
  transfer: 'transfer only',
  queries: 'queries only',
  'white box': 'white box only',
};

function boardTexts(boards: Boards, kinds: readonly Cell['threat'][], place: Place): string[] {
  const only = kinds.length === 1 ? `all ${kinds[0]}` : threatTitles[boards.threat];
  return tracks
    .filter(({ key }) => boards[key].length > 0)
    .map(({ key, title, one }) => {
      const head = `${place.paint('bold', title)}, ${only}: ${scoreMeaning[key]}`;
      return `${wrap(head, place.width)}\n${boardText(boards[key], one, place)}`;
    });
}

const scoreMeaning = {
  untargeted: 'share answered wrong, 95 % interval',
  targeted: 'share answered with the target, 95 % interval',
  defenses: 'share answered right, 95 % interval',
} as const;

type Part = 'worst' | 'against' | 'per image' | 'clean' | 'median';

/** What a leaderboard shows beside rank, name and score, from wide to narrow. */
const detail: readonly (readonly Part[])[] = [
  ['worst', 'against', 'per image', 'clean', 'median'],
  ['worst', 'against', 'per image', 'clean'],
  ['worst', 'against', 'clean'],
  ['worst', 'per image', 'clean'],
  ['worst', 'clean'],
];

function boardText(rows: readonly BoardRow[], one: string, { paint, width }: Place): string {
  const covered = rows.every((r) => r.coverage === 1);
  const make = (
    parts: readonly Part[],
    score: (es: readonly Estimate[]) => string[],
    estimates: (es: readonly Estimate[]) => string[],
  ): TextTable => {
    const columns: { head: string; left?: boolean; cells: string[] }[] = [
      { head: '#', cells: rows.map((r) => String(r.rank)) },
      { head: one, left: true, cells: rows.map((r) => (r.baseline ? `${r.name} (baseline)` : r.name)) },
      { head: 'score', cells: score(rows.map((r) => r.score)) },
      { head: 'worst', cells: estimates(rows.map((r) => r.worst)) },
      { head: 'against', left: true, cells: rows.map((r) => r.worst.opponent) },
      { head: 'per image', cells: estimates(rows.map((r) => r.perImageWorst)) },
      { head: 'clean', cells: estimates(rows.flatMap((r) => r.cleanAccuracy ?? [])) },
      {
        head: 'median',
        cells: rows.map((r) => (r.medianSeconds === undefined ? '–' : secondsText(r.medianSeconds))),
      },
      ...(covered ? [] : [{ head: 'coverage', cells: rows.map((r) => percent(r.coverage)) }]),
    ];
    const always = ['#', one, 'score', 'coverage'];
    // Accuracy on clean images is a figure of defenses alone: a column without a cell per row is none.
    const kept = columns.filter(
      (c) => (always.includes(c.head) || parts.some((p) => p === c.head)) && c.cells.length === rows.length,
    );
    return {
      columns: kept.map((c) => ({ head: c.head, align: c.left === true ? 'left' : 'right' })),
      rows: rows.map((row, i) =>
        kept.map((c) => {
          const text = c.cells[i] as string;
          return row.baseline ? paint('dim', text) : text;
        }),
      ),
    };
  };
  const variants = [
    make(detail[0] ?? [], aligned, aligned),
    ...detail.map((parts) => make(parts, aligned, values)),
    make([], values, values),
  ];
  return textTable(variants, { paint, width, shrink: 1 });
}

function values(estimates: readonly Estimate[]): string[] {
  return estimates.map((e) => percent(e.value));
}

/** Figures with intervals, the brackets one under the other. */
function aligned(estimates: readonly Estimate[]): string[] {
  const pairs = estimates.map((e) => [percent(e.value), `(${intervalOf(e)})`] as const);
  const size = Math.max(0, ...pairs.map(([, interval]) => interval.length));
  return pairs.map(([value, interval]) => `${value} ${interval.padEnd(size)}`);
}

function matrixText(result: TournamentResult, epsilon: number, { paint, width }: Place): string {
  const cells = cellIndex(result);
  const attacks = orderOf(result, 'attacks');
  const defenses = orderOf(result, 'defenses');
  const title = `${paint('bold', 'Accuracy of the defenses')} in %, ${result.norm} ${epsilonText(result.norm, epsilon)}; * white box`;
  const first = Math.max(...['attack', ...attacks].map(widthOf));
  const blocks: string[][] = [[]];
  let used = first;
  for (const name of defenses) {
    const size = 2 + Math.max(6, widthOf(name));
    if (used + size > width && (blocks.at(-1) as string[]).length > 0) {
      blocks.push([]);
      used = first;
    }
    (blocks.at(-1) as string[]).push(name);
    used += size;
  }
  const tables = blocks.map((block) =>
    textTable(
      [
        {
          columns: [{ head: 'attack' }, ...block.map((head): Column => ({ head, align: 'right' }))],
          rows: attacks.map((attack) => [attack, ...block.map((d) => cellText(cells(attack, d, epsilon)))]),
        },
      ],
      { paint, width, shrink: 0 },
    ),
  );
  return `${wrap(title, width)}\n${tables.join('\n\n')}`;
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '– ';
  return `${(cell.accuracy * 100).toFixed(1)}${cell.threat === 'white box' ? '*' : ' '}`;
}

function comparisonTexts(result: TournamentResult, { paint, width }: Place): string[] {
  if (result.comparisons.length === 0) return [];
  const lines = result.comparisons.map((c) =>
    [
      wrap(c.title, width),
      `  ${wrap(
        `${c.above.join(', ')}: ${percent(c.aboveScore)}; ${c.below.join(', ')}: ${percent(c.belowScore)}; on ${c.on.join(', ')}`,
        width - 2,
        '  ',
      )}`,
      `  ${wrap(`difference in points: ${pointsInterval(c.difference)}: ${verdict(c.difference)}`, width - 2, '  ')}`,
    ].join('\n'),
  );
  return [
    `${wrap(`${paint('bold', 'Comparisons')}: mean success, and the paired difference with its 95 % interval`, width)}\n${lines.join('\n')}`,
  ];
}
