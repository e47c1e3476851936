import { type DraftEntry, kept, ownScaling, type SidecarDraft } from './draft-sidecar.ts';
import { perChannel } from './known-preprocessings.ts';
import { type Candidate, sameCandidate, type Trial, type Trials } from './try-preprocessings.ts';

/**
 * The preprocessing that a file or the sidecar that was there says, as a candidate for {@link settleDraft}; none where
 * it is a default.
 */
export function ownCandidate({ entries }: SidecarDraft): Candidate | undefined {
  const [whole, mean, std, channels] = [
    'preprocessing',
    'preprocessing.mean',
    'preprocessing.std',
    'input.channels',
  ].map((name) => entries.find((e) => e.entry === name));
  const said = whole ?? mean ?? std;
  if (said === undefined || channels === undefined) return undefined;
  const count = channels.value === 'GRAY' ? 1 : 3;
  return {
    title: said.from === kept ? 'the sidecar that was there' : said.from,
    channels: channels.value as Candidate['channels'],
    mean: (mean?.value as number[] | undefined) ?? perChannel([0], count),
    std: (std?.value as number[] | undefined) ?? perChannel([1], count),
  };
}

/**
 * A draft with what labelled images say: of preprocessings the one that is clearly best, and with it the order of
 * channels and the offset of the labels. Where none is, what was drafted stays; and what was in a sidecar before stays
 * whatever the images say, which is told.
 * @param doubts why the network's answers say little of preprocessing, sentences
 */
export function settleDraft(
  draft: SidecarDraft,
  result: Trials,
  doubts: readonly string[] = [],
): SidecarDraft {
  const { trials, near, best: first, images } = result;
  const own = ownCandidate(draft);
  // What was assumed for want of images is not, once they have decided.
  const notes = draft.notes.filter((note) => first === undefined || !note.startsWith(ownScaling));
  notes.push(...doubts);
  const held = (entry: string): boolean =>
    draft.entries.some((e) => e.from === kept && (e.entry === entry || e.entry.startsWith(`${entry}.`)));
  const score = ({ right }: Trial): string => `${right} of ${images} images right`;
  const stays = held('preprocessing') ? 'what was there stays' : 'what is drafted stays';
  const { value: channels, guess } = draft.entries.find((e) => e.entry === 'input.channels') ?? {};
  const settled = (changed: readonly DraftEntry[]): SidecarDraft => {
    const open = changed.filter(({ entry }) => !held(entry));
    const entries = draft.entries.map((e) => open.find((c) => c.entry === e.entry) ?? e);
    entries.push(...open.filter((c) => !entries.includes(c)));
    return { ...draft, entries, notes };
  };
  if (first === undefined) {
    notes.push(undecided(result, stays, doubts.length > 0));
    if (!held('preprocessing') && doubts.length === 0)
      notes.push(...near.slice(0, shown).map((trial) => toWrite(trial, channels)));
    const [offset = 0, ...others] = new Set(trials.map((t) => t.offset));
    const forced = others.length === 0 && offset !== 0;
    const note = 'no other fits the labels';
    return settled(forced ? [{ entry: 'labels.offset', value: offset, from: 'images', note }] : []);
  }
  // Where the images do not tell, what is drafted stays, and else the most usual.
  const ofOwn = own && trials.find((t) => sameCandidate(t, own));
  const agreed = ofOwn !== undefined && near.includes(ofOwn);
  const best = agreed
    ? ofOwn
    : (near.find((t) => t.channels === channels && t.title === first.title) ??
      near.find((t) => t.channels === channels) ??
      first);
  const alike = near.filter((t) => t.title !== best.title && t.channels === best.channels);
  // In the other order it may be right more often, if not clearly.
  const lead = near[0] ?? best;
  const next = trials.find((t) => !near.includes(t));
  const rest = next && `${nameOf(next)} with ${next.right}`;
  const listed = alike.map((t) => `${nameOf(t)} (${score(t)})`).join(', ');
  notes.push(
    alike.length === 0
      ? `${nameOf(lead)} is clearly best: ${score(lead)}${rest === undefined ? '' : `, next ${rest}`}.`
      : `The images do not tell ${nameOf(best)} (${score(best)}) from what is much like it: ${listed}. ${agreed ? 'It stays' : 'It is the most usual of them: write another if you know better'}.${rest === undefined ? '' : ` Clearly worse is ${rest}.`}`,
  );
  const told = new Set(near.map((t) => t.channels)).size === 1;
  if (!told)
    notes.push(
      `The images do not tell the order of the channels${lead.channels === best.channels ? '' : `: ${best.channels} stays (${score(best)})`}.`,
    );
  const offset: DraftEntry[] =
    best.offset === 0 ? [] : [{ entry: 'labels.offset', value: best.offset, from: 'images' }];
  if (own !== undefined && !agreed)
    notes.push(
      `${sentence(own.title)} says otherwise${ofOwn === undefined ? '' : ` (${score(ofOwn)})`}: ${
        held('preprocessing')
          ? 'what was there stays. Take preprocessing out of it to have that of the images.'
          : 'the images count.'
      }`,
    );
  if (held('preprocessing')) {
    if (agreed) notes.push('The images agree with the preprocessing that was there.');
    return settled(offset);
  }
  if (held('input.channels') && best.channels !== channels) {
    notes.push(
      `input.channels ${String(channels)} was there and stays, so that no mean and std are written, which stand in its order. Where the images are right, make it ${best.channels} and run the command again.`,
    );
    return settled(offset);
  }
  const from = agreed && own !== undefined ? own.title : 'images';
  const taken = alike.length === 0 ? best.title : `${best.title}, most usual of ${alike.length + 1} alike`;
  return settled([
    ...(best.channels === channels && !(told && guess)
      ? []
      : [{ entry: 'input.channels', value: best.channels, from }]),
    { entry: 'preprocessing.mean', value: best.mean, from, note: agreed ? 'the images agree' : taken },
    { entry: 'preprocessing.std', value: best.std, from },
    ...(agreed || alike.length === 0
      ? []
      : [{ entry: 'preprocessing.alike', value: [...new Set(alike.map((t) => t.title))], from }]),
    ...offset,
  ]);
}

/** Of candidates that may be right as well, so many are named. */
const shown = 4;

/** What to write into a sidecar to take a candidate, to be copied. */
function toWrite(trial: Trial, channels: unknown): string {
  const { mean, std, offset } = trial;
  const list = (values: readonly number[]): string => JSON.stringify(values).replaceAll(',', ', ');
  const plain = mean.every((m) => m === 0) && std.every((s) => s === 1);
  const parts = [
    ...(trial.channels === channels ? [] : [`"channels": "${trial.channels}" under "input"`]),
    `"preprocessing": ${plain ? '{}' : `{ "mean": ${list(mean)}, "std": ${list(std)} }`}`,
    ...(offset === 0 ? [] : [`"labels": { "offset": ${offset} }`]),
  ];
  return `For ${nameOf(trial)} write ${parts.join(', ')}`;
}

/** Why no candidate is taken. */
function undecided({ trials, near, images, guess }: Trials, stays: string, doubted: boolean): string {
  const listed = (some: readonly Trial[]): string =>
    some.map((t) => `${nameOf(t)} (${t.right} of ${images} images right)`).join(', ');
  if (guess === 1) return `All images have the same label, which tells nothing; ${stays}.`;
  if (near.length === 0)
    return `No preprocessing does better than guessing on these images (${(100 * guess).toFixed(1)} %); at best ${listed(trials.slice(0, 1))}. Are they and their labels of the model's dataset? Until then ${stays}.`;
  const more = near.length > shown ? `, and ${near.length - shown} more` : '';
  return `No preprocessing is clearly best on these images; those that may be right are ${listed(near.slice(0, shown))}${more}. ${doubted ? 'Until then' : 'More labelled images tell more; until then'} ${stays}.`;
}

function nameOf({ title, channels, offset }: Trial): string {
  return `${title}${channels === 'GRAY' ? '' : ` in ${channels}`}${offset === 0 ? '' : ` with offset ${offset}`}`;
}

/** A text as the beginning of a sentence, but for names of files. */
function sentence(text: string): string {
  return text.endsWith('.json') ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
