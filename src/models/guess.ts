import { type DraftEntry, ownScaling, type SidecarDraft } from './draft-sidecar.ts';
import type { SidecarEntries } from './sidecar.ts';

/** Preprocessing that images did not tell from others: the most usual of them. */
type Guess = NonNullable<SidecarEntries['preprocessing']>;

const from = 'guess of the sidecar that was there';

/**
 * A sidecar without what it says itself to be a guess, and that apart: files and images may say better. What a hand
 * has added to it makes it a hand's.
 */
export function withoutGuess(before: SidecarEntries): { entries: SidecarEntries; guess?: Guess } {
  const { preprocessing: guess, ...entries } = before;
  const own = Object.keys(guess ?? {}).every((name) => name === 'mean' || name === 'std' || name === 'alike');
  return guess?.alike === undefined || guess.alike.length === 0 || !own
    ? { entries: before }
    : { entries, guess };
}

/** A draft with the guess that was there, unless it says something else, which is told. */
export function withGuess(draft: SidecarDraft, guess: Guess | undefined): SidecarDraft {
  if (guess === undefined) return draft;
  const { entries, notes } = draft;
  const said = entries.find(({ entry }) => entry.startsWith('preprocessing.'));
  if (said !== undefined)
    return {
      ...draft,
      notes: [
        ...notes,
        `The preprocessing that was there was a guess: that of ${said.from} takes its place.`,
      ],
    };
  const kept = Object.entries(guess).map(
    ([name, value]): DraftEntry => ({ entry: `preprocessing.${name}`, value, from }),
  );
  return { ...draft, entries: [...entries, ...kept], notes: notes.filter((n) => !n.startsWith(ownScaling)) };
}
