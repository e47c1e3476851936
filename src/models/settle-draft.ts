import type { DraftEntry, SidecarDraft } from './draft-sidecar.ts';
import { type Candidate, sameCandidate, type Trial, type Trials } from './try-preprocessings.ts';

/** The preprocessing that a file says, as a candidate for {@link settleDraft}; none where it is a default. */
export function ownCandidate({ entries }: SidecarDraft): Candidate | undefined {
  const mean = entries.find((e) => e.entry === 'preprocessing.mean');
  const std = entries.find((e) => e.entry === 'preprocessing.std');
  const channels = entries.find((e) => e.entry === 'input.channels');
  if (mean === undefined || std === undefined || channels === undefined || !isFile(mean.from))
    return undefined;
  return {
    title: mean.from,
    channels: channels.value as Candidate['channels'],
    mean: mean.value as number[],
    std: std.value as number[],
  };
}

function isFile(from: string): boolean {
  return from.endsWith('.json');
}

/**
 * A draft with what labelled images say: of preprocessings the one that is clearly best, and with it the order of
 * channels and the offset of the labels. Where none is, what was drafted stays.
 */
export function settleDraft(
  draft: SidecarDraft,
  { trials, near, best: first, images }: Trials,
): SidecarDraft {
  const own = ownCandidate(draft);
  const score = ({ right }: Trial): string => `${right} of ${images} images right`;
  const name = ({ title, channels, offset }: Trial): string =>
    `${title}${channels === 'GRAY' ? '' : ` in ${channels}`}${offset === 0 ? '' : ` with offset ${offset}`}`;
  const ofOwn = own && trials.find((t) => sameCandidate(t, own));
  const notes = [...draft.notes];
  if (first === undefined) {
    const list = near.slice(0, 4).map((t) => `${name(t)} (${score(t)})`);
    notes.push(
      near.length > 1
        ? `No preprocessing is clearly best on these images; among those that may be are ${list.join(', ')}. More labelled images tell more; until then what is drafted stays.`
        : `No preprocessing does better than guessing on these images; at best ${list.join('')}. Are they and their labels of the model's dataset?`,
    );
    const [offset = 0, ...others] = new Set(trials.map((t) => t.offset));
    const forced = others.length === 0 && offset !== 0;
    const entries = [...draft.entries];
    if (forced)
      entries.push({
        entry: 'labels.offset',
        value: offset,
        from: 'images',
        note: 'no other fits the labels',
      });
    return { ...draft, entries, notes };
  }
  const channels = draft.entries.find((e) => e.entry === 'input.channels')?.value;
  // Where the images do not tell the order, the one that is drafted stays.
  const best = near.find((t) => t.channels === channels) ?? first;
  const next = trials.find((t) => !near.includes(t));
  notes.push(
    `${name(best)} is clearly best: ${score(best)}${next === undefined ? '' : `, next ${name(next)} with ${next.right}`}.`,
  );
  const open = near.length > 1;
  if (open) notes.push('The images do not tell the order of the channels.');
  const agreed = own !== undefined && sameCandidate(best, own);
  if (own !== undefined && !agreed)
    notes.push(
      `${own.title} says otherwise${ofOwn === undefined ? '' : ` (${score(ofOwn)})`}: the images count.`,
    );
  const from = agreed ? own.title : 'images';
  const changed: DraftEntry[] = [
    ...(best.channels === channels ? [] : [{ entry: 'input.channels', value: best.channels, from }]),
    { entry: 'preprocessing.mean', value: best.mean, from, note: agreed ? 'the images agree' : best.title },
    { entry: 'preprocessing.std', value: best.std, from },
    ...(best.offset === 0 ? [] : [{ entry: 'labels.offset', value: best.offset, from: 'images' }]),
  ];
  const entries = draft.entries.map((e) => changed.find((c) => c.entry === e.entry) ?? e);
  entries.push(...changed.filter((c) => !entries.includes(c)));
  return { ...draft, entries, notes };
}
