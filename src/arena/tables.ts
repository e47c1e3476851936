import { type CsvCell, csvText } from '../data/index.ts';
import type { StepRecord } from '../runs/index.ts';
import type { Estimate } from '../tensor/index.ts';
import type { Epsilon, Plan } from './plan.ts';
import type { BoardRow, Boards, TournamentResult } from './result.ts';
import type { RunFile } from './run-file.ts';
import { isTargeted, type Tallies } from './tally.ts';

/** The files under `scores/`, by name. All but `times.csv` are the same for the same outcomes. */
export function scoreFiles(
  run: RunFile,
  plan: Plan,
  tallies: Tallies,
  records: ReadonlyMap<string, StepRecord>,
  result: TournamentResult,
): Record<string, string> {
  return {
    'result.json': `${JSON.stringify(withoutTimes(result), null, 2)}\n`,
    'leaderboards.csv': leaderboards(result),
    'matrix.csv': csvText([
      ['attack', 'defense', 'epsilon', 'threat', 'images', 'accuracy', 'error', 'hit'],
      ...result.cells.map((c) => [
        c.attack,
        c.defense,
        c.epsilon,
        c.threat,
        c.images,
        c.accuracy,
        c.error,
        c.hit,
      ]),
    ]),
    'comparisons.csv': csvText([
      ['title', 'above', 'below', 'on', 'above_score', 'below_score', 'difference', 'low', 'high'],
      ...result.comparisons.map((c) => [
        c.title,
        c.above.join(' '),
        c.below.join(' '),
        c.on.join(' '),
        c.aboveScore,
        c.belowScore,
        ...interval(c.difference),
      ]),
    ]),
    'images.csv': images(run, tallies),
    'times.csv': times(run, plan, records),
  };
}

/** Times are of one run of one machine: no figure that is compared holds them. */
function withoutTimes(result: TournamentResult): TournamentResult {
  return {
    ...result,
    boards: result.boards.map((b) => ({
      ...b,
      untargeted: strip(b.untargeted),
      targeted: strip(b.targeted),
      defenses: strip(b.defenses),
    })),
  };
}

function strip(rows: readonly BoardRow[]): BoardRow[] {
  return rows.map(({ medianSeconds: _time, ...row }) => row);
}

function figure(name: string): string[] {
  return [name, `${name}_low`, `${name}_high`];
}

function leaderboards(result: TournamentResult): string {
  const header = ['board', 'threat', 'epsilon', 'rank', 'name', 'baseline']
    .concat(figure('score'), figure('worst'), 'worst_opponent', figure('per_image_worst'))
    .concat(figure('clean_accuracy'), 'coverage');
  const rows = result.boards.flatMap((board: Boards) =>
    (['untargeted', 'targeted', 'defenses'] as const).flatMap((name) =>
      board[name].map((r): CsvCell[] => [
        name,
        board.threat,
        board.epsilon ?? 'all',
        r.rank,
        r.name,
        r.baseline,
        ...interval(r.score),
        ...interval(r.worst),
        r.worst.opponent,
        ...interval(r.perImageWorst),
        ...(r.cleanAccuracy === undefined ? [null, null, null] : interval(r.cleanAccuracy)),
        r.coverage,
      ]),
    ),
  );
  return csvText([header, ...rows]);
}

function interval({ value, low, high }: Estimate): [number, number, number] {
  return [value, low, high];
}

/** One line per image, attack, epsilon and defense; an attack of no name is none. In the dataset's labels. */
function images({ dataset }: RunFile, tallies: Tallies): string {
  const label = (c: number | undefined): CsvCell =>
    c === undefined || c < 0 ? null : c + dataset.labelOffset;
  const rows: CsvCell[][] = [];
  for (const c of tallies.clean)
    for (const [i, image] of dataset.images.entries())
      if (c.covered[i] === 1)
        rows.push([image.id, label(image.label), null, '', null, c.defense.name, label(c.answers[i]), null]);
  for (const c of tallies.cells) {
    const made = tallies.made.find(
      (m) =>
        m.attack === c.attack &&
        m.epsilon === c.epsilon &&
        (m.against === undefined || m.against === c.defense),
    );
    for (const [i, image] of dataset.images.entries()) {
      if (c.covered[i] === 0) continue;
      const target = isTargeted(c.attack) ? label(image.target) : null;
      const distance = made?.images.get(image.id)?.distance;
      rows.push([
        image.id,
        label(image.label),
        target,
        c.attack.name,
        c.epsilon,
        c.defense.name,
        label(c.answers[i]),
        distance,
      ]);
    }
  }
  return csvText([
    ['image', 'label', 'target', 'attack', 'epsilon', 'defense', 'answer', 'distance'],
    ...rows,
  ]);
}

/** Seconds of every step, as it was observed; `against` is the defense that an attack met, or the attack that a defense did. */
function times(run: RunFile, plan: Plan, records: ReadonlyMap<string, StepRecord>): string {
  const rows: CsvCell[][] = [];
  const add = (
    id: string,
    kind: string,
    name: string,
    against: string,
    batch: number,
    epsilon?: Epsilon,
  ): void => {
    const record = records.get(id);
    if (record === undefined) return;
    const seconds = record.observed['seconds'];
    rows.push([
      kind,
      name,
      against,
      batch + 1,
      epsilon === 'free' ? null : epsilon,
      typeof seconds === 'number' ? seconds : null,
    ]);
  };
  for (const defense of run.rules.defenses)
    for (const batch of plan.batches)
      add(plan.clean(defense, batch).id, 'defend', defense.name, '', batch.index);
  for (const slot of plan.attacks) {
    const { attack, batch, epsilon } = slot;
    add(slot.step.id, 'attack', attack.name, slot.against?.name ?? '', batch.index, epsilon);
    const record = records.get(slot.step.id);
    if (record === undefined) continue;
    for (const defense of plan.asked(slot))
      add(plan.defend(defense, slot, record).id, 'defend', defense.name, attack.name, batch.index, epsilon);
  }
  return csvText([['kind', 'name', 'against', 'batch', 'epsilon', 'seconds'], ...rows]);
}
