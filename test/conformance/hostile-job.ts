import { type Attack, bim } from '../../src/attacks/index.ts';
import { type Assignment, makeImages, type Parties, type Proposal } from '../../src/judge/index.ts';
import { over } from '../../src/models/index.ts';
import { AdvarenaError } from '../../src/tensor/index.ts';
import { ending, trying } from './hostile.ts';
import { small } from './world.ts';

/** What a host is told to do: a trick or an end of the hostile entry, or what an honest one does. */
export interface HostileWork {
  readonly trick?: string;
  readonly end?: string;
  readonly assignment: Assignment;
  /** The judged model breaks at its first gradient. */
  readonly broken?: boolean;
}

/** A job for the tests' hosts. */
export function work({ trick, end, assignment, broken = false }: HostileWork): Promise<Proposal> {
  const attack = trick !== undefined ? trying(trick) : end !== undefined ? ending(end) : honest;
  return propose(attack, assignment, { model: broken ? breaking : small });
}

/** bim under the hostile entry's name. */
const honest: Attack = { ...bim, name: 'hostile' };

/** Breaks as a full disk would. */
const breaking = over(small, {
  gradient: () => Promise.reject(new AdvarenaError('DISK_FULL', 'The disk is full.')),
});

export function propose(attack: Attack, assignment: Assignment, parties: Parties): Promise<Proposal> {
  const options = attack.options.parse({}) as Record<string, unknown>;
  return makeImages(parties, { attack, options, views: [] }, assignment);
}
