import type { BoardRow, Boards, TournamentResult } from '../../arena/index.ts';
import { epsilonText } from '../../tensor/index.ts';
import { entryText, optionsText } from '../attack-words.ts';
import { normNames, percent, secondsText } from '../format.ts';
import { boardsAt, readingsOf, type Track, tracks } from '../reading.ts';
import { baselineTag } from './boards.ts';
import { html, type Markup } from './markup.ts';
import { scroll } from './page.ts';

/** Warnings that change how a figure may be read. */
export function flagList(flags: TournamentResult['flags']): Markup {
  return html`<ul class="flags">${flags.map((f) => html`<li><code>${f.code}</code>${f.message}</li>`)}</ul>`;
}

/** What an attack may ask of the defense that it meets. */
const grants = { decision: 'decisions', scores: 'scores', gradient: 'gradients' } as const;

/** Attacks with what they may open and ask, and defenses with what an image passes. */
export function entryTables(result: TournamentResult): Markup {
  return html`<h3>Attacks</h3>
${scroll(
  'Attacks',
  html`<table><caption><span>Which attack each entry is, the models that it may open, and what it may ask of the defense that it meets.</span></caption><thead><tr><th scope="col">Name</th><th scope="col">Attack</th><th scope="col">Options</th><th scope="col">Goal</th><th scope="col">May open</th><th scope="col">May ask for</th></tr></thead><tbody>${result.attacks.map(
    (a) =>
      html`<tr${a.baseline && html` class="baseline"`}><th scope="row">${a.name}${baselineTag(a)}</th><td>${a.attack}</td><td>${optionsText(a.options)}</td><td>${a.goal}</td><td>${a.sources.length === 0 ? 'no model' : a.sources.join(', ')}</td><td>${a.opponent === undefined ? 'nothing' : grants[a.opponent]}</td></tr>\n`,
  )}</tbody></table>`,
)}
<h3>Defenses</h3>
${scroll(
  'Defenses',
  html`<table><caption><span>What an image passes before the network answers.</span></caption><thead><tr><th scope="col">Name</th><th scope="col">Chain</th><th scope="col">Network</th></tr></thead><tbody>${result.defenses.map(
    (d) =>
      html`<tr${d.baseline && html` class="baseline"`}><th scope="row">${d.name}${baselineTag(d)}</th><td>${d.chain.length === 0 ? 'nothing' : d.chain.map(entryText).join(' → ')}</td><td>${d.model}</td></tr>\n`,
  )}</tbody></table>`,
)}
<h3>Networks</h3>
${scroll(
  'Networks',
  html`<table><caption><span>SHA-256 of the files, and what was cut off.</span></caption><thead><tr><th scope="col">Name</th><th scope="col">File</th><th scope="col">SHA-256</th><th scope="col">Sidecar</th><th scope="col">Cut off</th></tr></thead><tbody>${result.networks.map(
    (n) =>
      html`<tr><th scope="row">${n.name}</th><td>${n.file}</td><td><code>${n.onnx.slice(0, 16)}</code></td><td>${n.sidecar === null ? 'none' : html`<code>${n.sidecar.slice(0, 16)}</code>`}</td><td>${n.logits === true ? 'final softmax or sigmoids' : 'nothing'}</td></tr>\n`,
  )}</tbody></table>`,
)}`;
}

/** Every score by epsilon, one table for each threat model and one for all. */
export function epsilonTables(result: TournamentResult): Markup[] {
  return readingsOf(result).threats.map(
    (threat, i) => html`<div data-threat="${i}">${epsilonTable(result, threat)}</div>`,
  );
}

function epsilonTable(result: TournamentResult, threat: Boards['threat']): Markup {
  const over = boardsAt(result, threat);
  const scoreAt = (epsilon: number | undefined, track: Track, name: string): string => {
    const row = boardsAt(result, threat, epsilon)?.[track].find((r) => r.name === name);
    return row === undefined ? '–' : percent(row.score.value);
  };
  const columns = [...result.epsilons, undefined];
  const who = threat === 'all' ? 'over all threat models' : `${threat} pairs alone`;
  return scroll(
    `Scores by bound, ${who}`,
    html`<table class="compact by-epsilon"><caption><span>Score at each ${normNames[result.norm]} bound, ${who}.</span></caption><thead><tr><th scope="col">Name</th>${columns.map(
      (e) =>
        html`<th class="right" scope="col">${e === undefined ? 'all' : epsilonText(result.norm, e)}</th>`,
    )}</tr></thead>${tracks.map(({ key, title }) => {
      const rows: readonly BoardRow[] = over?.[key] ?? [];
      return (
        rows.length > 0 &&
        html`<tbody><tr><th scope="rowgroup" colspan="${columns.length + 1}" class="soft small">${title}</th></tr>${rows.map(
          (r) =>
            html`<tr${r.baseline && html` class="baseline"`}><th scope="row">${r.name}</th>${columns.map((e) => html`<td class="right">${scoreAt(e, key, r.name)}</td>`)}</tr>\n`,
        )}</tbody>`
      );
    })}</table>`,
  );
}

/** Median times, slowest first: observations of this run's machine, apart from what is compared. */
export function timeTable(result: TournamentResult): Markup | undefined {
  const boards = boardsAt(result, 'all');
  const rows = tracks
    .flatMap(({ key }) =>
      (boards?.[key] ?? []).map((r) => ({ ...r, side: key === 'defenses' ? 'defense' : 'attack' })),
    )
    .flatMap((r) => (r.medianSeconds === undefined ? [] : [{ ...r, seconds: r.medianSeconds }]))
    .toSorted((a, b) => b.seconds - a.seconds);
  if (rows.length === 0) return undefined;
  return scroll(
    'Times',
    html`<table class="compact"><caption><span>Median seconds of a batch. Times belong to the machine that ran it and enter no score.</span></caption><thead><tr><th scope="col">Name</th><th scope="col">Side</th><th class="right" scope="col">Median time</th></tr></thead><tbody>${rows.map(
      (r) =>
        html`<tr${r.baseline && html` class="baseline"`}><th scope="row">${r.name}</th><td>${r.side}</td><td class="right">${secondsText(r.seconds)}</td></tr>\n`,
    )}</tbody></table>`,
  );
}
