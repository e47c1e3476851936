import type { Mutant } from './mutant.ts';
import type { Status } from './run.ts';

/** A mutant with what came of it; `same` are those that are listed as changing nothing. */
export interface Tried {
  readonly mutant: Mutant;
  readonly status: Status | 'same';
  /** The test that noticed. */
  readonly test?: string;
  /** Why it changes nothing. */
  readonly reason?: string;
}

/** Survivors with their places, then how many there were of each kind. */
export function printed(all: readonly Tried[]): string {
  const survivors = all.filter(({ status }) => status === 'survived' || status === 'no test');
  const lines = survivors.map(
    ({ mutant: { file, from, original, replacement }, status }) =>
      `${file}:${from.line}:${from.column}  ${status === 'no test' ? 'no test comes here' : 'no test notices'}\n` +
      `  - ${short(original)}\n  + ${short(replacement)}\n`,
  );
  const count = (status: Tried['status']): number => all.filter((t) => t.status === status).length;
  const [killed, timeout, same] = [count('killed'), count('timeout'), count('same')];
  const counted = all.length - same;
  const share = counted === 0 ? '' : ` (${(((killed + timeout) / counted) * 100).toFixed(1)} %)`;
  return [
    ...lines,
    `${all.length} changes: ${killed + timeout} of ${counted} noticed${share}, ${timeout} of them because nothing ended; ` +
      `${count('survived')} not noticed, ${count('no test')} where no test comes, ${same} known to change nothing.`,
  ].join('\n');
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line === '' ? '(nothing)' : line;
}
