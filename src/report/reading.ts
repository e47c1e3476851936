import type { Boards, Cell, ThreatModel, TournamentResult } from '../arena/index.ts';
import type { Estimate } from '../tensor/index.ts';

/** The three leaderboards in the order in which they are shown. */
export const tracks = [
  { key: 'untargeted', title: 'Untargeted attacks', one: 'attack' },
  { key: 'targeted', title: 'Targeted attacks', one: 'attack' },
  { key: 'defenses', title: 'Defenses', one: 'defense' },
] as const;

export type Track = (typeof tracks)[number]['key'];

/** Boards of one reading, if the result has them. */
export function boardsAt(
  result: TournamentResult,
  threat: Boards['threat'],
  epsilon?: number,
): Boards | undefined {
  return result.boards.find((b) => b.threat === threat && b.epsilon === epsilon);
}

/** The threat models that occur, the weakest first. */
export function threatsOf({ cells }: TournamentResult): ThreatModel[] {
  return (['transfer', 'queries', 'white box'] as const).filter((kind) =>
    cells.some((c) => c.threat === kind),
  );
}

/** The readings to choose from: none where there is nothing to choose. An epsilon of undefined is all of them. */
export function readingsOf(result: TournamentResult): {
  threats: Boards['threat'][];
  epsilons: (number | undefined)[];
} {
  const kinds = threatsOf(result);
  return {
    threats: kinds.length > 1 ? ['all', ...kinds] : ['all'],
    epsilons: result.epsilons.length > 1 ? [undefined, ...result.epsilons] : [undefined],
  };
}

/**
 * Names in the order of their rank over everything; untargeted attacks before targeted ones; names without a
 * rank at the end.
 */
export function orderOf(result: TournamentResult, side: 'attacks' | 'defenses'): string[] {
  const boards = boardsAt(result, 'all');
  const ranked =
    side === 'attacks' ? [...(boards?.untargeted ?? []), ...(boards?.targeted ?? [])] : boards?.defenses;
  const names = new Set(result[side].map((e) => e.name));
  const first = (ranked ?? []).map((r) => r.name).filter((name) => names.has(name));
  return [...new Set([...first, ...names])];
}

/** Finds the cell of an attack, a defense and an epsilon. */
export function cellIndex(
  result: TournamentResult,
): (attack: string, defense: string, epsilon: number) => Cell | undefined {
  const cells = new Map(result.cells.map((c) => [JSON.stringify([c.attack, c.defense, c.epsilon]), c]));
  return (attack, defense, epsilon) => cells.get(JSON.stringify([attack, defense, epsilon]));
}

/** What the interval of a paired difference allows to say. */
export function verdict({ low, high }: Estimate): 'stronger' | 'weaker' | 'not decided' {
  return low > 0 ? 'stronger' : high < 0 ? 'weaker' : 'not decided';
}
