import { median, ones } from '../tensor/index.ts';
import { type Bootstrap, estimate, least, ratio, total } from './bootstrap.ts';
import type { BoardRow, Boards, ComparisonResult } from './result.ts';
import type { Rules } from './rules.ts';
import { isTargeted, type Tallies, type Tally } from './tally.ts';

/** A cell with its sums over the dataset and every resample. */
interface Summed extends Tally {
  /** What the attack wins: errors, or hits of the target. */
  success: Float64Array;
  images: Float64Array;
  rightSums: Float64Array;
  successSums: Float64Array;
}

/** One side of a cell, as leaderboards see it. */
interface Duel {
  opponent: string;
  epsilon: number;
  covered: Uint8Array;
  won: Float64Array;
  images: Float64Array;
  wins: Float64Array;
}

export interface Scored {
  boards: Boards[];
  comparisons: ComparisonResult[];
}

/** Leaderboards under every reading, and the comparisons that the rules ask for. */
export function score(rules: Rules, tallies: Tallies, boot: Bootstrap): Scored {
  const whole = boot.sums(new Uint8Array(tallies.clean[0]?.covered.length ?? 0).fill(1));
  const imagesOf = (covered: Uint8Array): Float64Array => (covered.includes(0) ? boot.sums(covered) : whole);
  const cells = tallies.cells
    .filter((c) => c.covered.includes(1))
    .map((c): Summed => {
      const success = isTargeted(c.attack) ? c.hit : c.error;
      return {
        ...c,
        success,
        images: imagesOf(c.covered),
        rightSums: boot.sums(c.right),
        successSums: boot.sums(success),
      };
    });
  const clean = new Map(
    tallies.clean
      .filter((c) => c.covered.includes(1))
      .map((c) => [c.defense.name, estimate(ratio(boot.sums(c.right), imagesOf(c.covered)))]),
  );
  const epsilons = rules.epsilons.length > 1 ? [undefined, ...rules.epsilons] : [undefined];
  const boards: Boards[] = [];
  for (const threat of ['all', 'transfer', 'queries', 'white box'] as const)
    for (const epsilon of epsilons) {
      const scope = cells.filter(
        (c) => (threat === 'all' || c.threat === threat) && (epsilon === undefined || c.epsilon === epsilon),
      );
      if (scope.length === 0) continue;
      const made = tallies.made.filter((m) => epsilon === undefined || m.epsilon === epsilon);
      const attackRows = rules.attacks.map((attack) => ({
        targeted: isTargeted(attack),
        row: rowOf(attack, scope.filter((c) => c.attack.name === attack.name).map(asAttack), rules, boot, {
          seconds: made.filter((m) => m.attack === attack).flatMap((m) => m.seconds),
          coverage: share(made.filter((m) => m.attack === attack).map((m) => [m.made, m.covered])),
        }),
      }));
      const defenseRows = rules.defenses.map((defense) => {
        const own = scope.filter((c) => c.defense.name === defense.name);
        const accuracy = clean.get(defense.name);
        const row = rowOf(defense, own.map(asDefense), rules, boot, {
          seconds: tallies.defenseSeconds.get(defense.name) ?? [],
          coverage: share(own.map((c) => [c.answers.map((a) => Number(a >= 0)), c.covered])),
        });
        return row && { ...row, ...(accuracy === undefined ? {} : { cleanAccuracy: accuracy }) };
      });
      boards.push({
        threat,
        ...(epsilon === undefined ? {} : { epsilon }),
        untargeted: ranked(attackRows.filter((r) => !r.targeted).map((r) => r.row)),
        targeted: ranked(attackRows.filter((r) => r.targeted).map((r) => r.row)),
        defenses: ranked(defenseRows),
      });
    }
  return { boards, comparisons: compare(rules, cells) };
}

function asAttack(c: Summed): Duel {
  const { epsilon, covered, images } = c;
  return { opponent: c.defense.name, epsilon, covered, images, won: c.success, wins: c.successSums };
}

function asDefense(c: Summed): Duel {
  const { epsilon, covered, images } = c;
  return { opponent: c.attack.name, epsilon, covered, images, won: c.right, wins: c.rightSums };
}

type Unranked = Omit<BoardRow, 'rank'>;

/** The line of one entry, undefined if it met nobody. */
function rowOf(
  { name, baseline }: { name: string; baseline: boolean },
  duels: readonly Duel[],
  rules: Rules,
  boot: Bootstrap,
  { seconds, coverage }: { seconds: readonly number[]; coverage: number },
): Unranked | undefined {
  if (duels.length === 0) return undefined;
  const worst = worstOf(duels, rules);
  const every = everyTime(duels);
  return {
    name,
    baseline,
    score: estimate(ratio(total(duels.map((d) => d.wins)), total(duels.map((d) => d.images)))),
    worst: { ...estimate(least([...worst.values()])), opponent: weakest(worst) },
    perImageWorst: estimate(ratio(boot.sums(every.won), boot.sums(every.covered))),
    ...(seconds.length === 0 ? {} : { medianSeconds: median(seconds) }),
    coverage,
  };
}

/** Score against each opponent, at each epsilon apart where every image was tried at it. */
function worstOf(duels: readonly Duel[], rules: Rules): Map<string, Float64Array> {
  const groups = Map.groupBy(duels, (d) =>
    JSON.stringify([d.opponent, rules.epsilonPerBatch === 'all' ? d.epsilon : 0]),
  );
  return new Map(
    [...groups].map(([key, own]) => [
      key,
      ratio(total(own.map((d) => d.wins)), total(own.map((d) => d.images))),
    ]),
  );
}

function weakest(figures: ReadonlyMap<string, Float64Array>): string {
  let [key, lowest] = ['["",0]', Number.POSITIVE_INFINITY];
  for (const [k, f] of figures) if ((f[0] as number) < lowest) [key, lowest] = [k, f[0] as number];
  return (JSON.parse(key) as [string, number])[0];
}

/** Images won in every duel that they were part of, in every draw. */
function everyTime(duels: readonly Duel[]): { won: Uint8Array; covered: Uint8Array } {
  const covered = new Uint8Array(duels[0]?.covered.length ?? 0);
  const won = new Uint8Array(covered.length).fill(1);
  for (const d of duels)
    for (let i = 0; i < won.length; i++) {
      if (d.covered[i] === 0) continue;
      covered[i] = 1;
      if ((d.won[i] as number) < 1) won[i] = 0;
    }
  for (let i = 0; i < won.length; i++) if (covered[i] === 0) won[i] = 0;
  return { won, covered };
}

/** Equal scores share a rank; then who does better in the worst case stands first. */
function ranked(rows: readonly (Unranked | undefined)[]): BoardRow[] {
  const sorted = rows
    .filter((row) => row !== undefined)
    .toSorted(
      (a, b) =>
        b.score.value - a.score.value ||
        b.worst.value - a.worst.value ||
        b.perImageWorst.value - a.perImageWorst.value ||
        (a.name < b.name ? -1 : 1),
    );
  return sorted.map((row) => ({
    rank: 1 + sorted.findIndex((other) => other.score.value === row.score.value),
    ...row,
  }));
}

/** Without those of which a side has no answers yet. */
function compare(rules: Rules, cells: readonly Summed[]): ComparisonResult[] {
  return rules.comparisons.flatMap(({ title, above, below, on }) => {
    const mean = (attacks: readonly string[]): Float64Array => {
      const own = cells.filter((c) => attacks.includes(c.attack.name) && on.includes(c.defense.name));
      return ratio(total(own.map((c) => c.successSums)), total(own.map((c) => c.images)));
    };
    const [a, b] = [mean(above), mean(below)];
    const difference = estimate(a.map((value, i) => value - (b[i] as number)));
    if (Number.isNaN(difference.value)) return [];
    return [{ title, above, below, on, aboveScore: a[0] as number, belowScore: b[0] as number, difference }];
  });
}

/** Ones of the first vectors among those of the second, which hold them. */
function share(pairs: readonly (readonly [Iterable<number>, Iterable<number>])[]): number {
  const all = pairs.reduce((sum, [, covered]) => sum + ones(covered), 0);
  return all === 0 ? 0 : pairs.reduce((sum, [values]) => sum + ones(values), 0) / all;
}
