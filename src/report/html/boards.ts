import type { BoardRow, Boards, TournamentResult } from '../../arena/index.ts';
import { type Estimate, epsilonText } from '../../tensor/index.ts';
import { intervalOf, normNames, percent, secondsText } from '../format.ts';
import { boardsAt, readingsOf, type Track, threatsOf, tracks } from '../reading.ts';
import { intervalBar } from './interval-bar.ts';
import { html, type Markup } from './markup.ts';
import { scroll } from './page.ts';
import { rankPlot } from './ranks.ts';

/** A reading of the figures: which threat models, which epsilon (undefined: over all). */
interface Reading {
  threat: Boards['threat'];
  epsilon: number | undefined;
}

/** Controls that work without script: the style sheet shows what is chosen. */
export function switches(result: TournamentResult): Markup | undefined {
  const { threats: kinds, epsilons } = readingsOf(result);
  if (kinds.length * epsilons.length === 1) return undefined;
  return html`<form class="switches" aria-label="What the figures below are over">${[
    group('threat', 'Threat model', kinds),
    group(
      'epsilon',
      `${normNames[result.norm]} bound`,
      epsilons.map((e) => (e === undefined ? 'all' : epsilonText(result.norm, e))),
    ),
  ].filter((g) => g !== undefined)}</form>`;
}

function group(name: string, legend: string, labels: readonly string[]): Markup | undefined {
  if (labels.length === 1) return undefined;
  return html`<fieldset class="switch"><legend>${legend}</legend>${labels.map(
    (label, i) =>
      html`<label><input type="radio" name="${name}" id="${name}-${i}"${i === 0 && html` checked`}><span>${label}</span></label>`,
  )}</fieldset>`;
}

/** Rules that show the chosen reading alone. A browser without `:has` shows everything, one under the other. */
export function switchRules(result: TournamentResult): string {
  const { threats: kinds, epsilons } = readingsOf(result);
  const boards = kinds.flatMap((_, t) =>
    epsilons.map(
      (_, e) =>
        `body${chosen('threat', t, kinds.length)}${chosen('epsilon', e, epsilons.length)} .board[data-view="${t}-${e}"] { display: block; }`,
    ),
  );
  const heat = epsilons.flatMap((_, e) =>
    e === 0
      ? []
      : [`body:has(#epsilon-${e}:checked) [data-epsilon]:not([data-epsilon="${e}"]) { display: none; }`],
  );
  const threatRules = kinds.flatMap((kind, t) => {
    if (kinds.length === 1) return [];
    const body = `body:has(#threat-${t}:checked)`;
    const others = `${body} [data-threat]:not([data-threat="${t}"]) { display: none; }`;
    if (kind === 'all') return [others];
    return [others, `${body} table.heat td:not(.${kind.replace(' ', '-')}) { opacity: 0.18; }`];
  });
  return `@supports selector(body:has(input)) {\n.board { display: none; }\n${[...boards, ...heat, ...threatRules].join('\n')}\n}\n`;
}

function chosen(name: string, i: number, of: number): string {
  return of > 1 ? `:has(#${name}-${i}:checked)` : '';
}

/** Every reading's three leaderboards with their plots. */
export function boardSections(result: TournamentResult): Markup[] {
  const { threats: kinds, epsilons } = readingsOf(result);
  return kinds.flatMap((threat, t) =>
    epsilons.map((epsilon, e) => {
      const boards = boardsAt(result, threat, epsilon);
      const title = readingTitle(result, { threat, epsilon });
      const present = boards === undefined ? [] : tracks.filter(({ key }) => boards[key].length > 0);
      return html`<section class="board" data-view="${t}-${e}" aria-label="Leaderboards, ${title}">
<p class="soft small">Over ${title}.</p>
${present.length === 0 && html`<p>No attack and defense of this tournament meet in this way.</p>`}
${
  boards !== undefined &&
  present.map(
    ({ key, title: track }) =>
      html`<h3>${track}</h3>\n${boardTable(result, boards[key], key, { threat, epsilon }, `${track}, ${title}`)}\n`,
  )
}
${
  boards !== undefined &&
  present.length > 0 &&
  html`<div class="plots">${present.map(({ key, title: track }) => rankPlot(boards[key], track))}</div>`
}
</section>`;
    }),
  );
}

function readingTitle(result: TournamentResult, { threat, epsilon }: Reading): string {
  const where =
    epsilon === undefined
      ? result.epsilons.length > 1
        ? 'all bounds'
        : `${normNames[result.norm]} ≤ ${epsilonText(result.norm, result.epsilons[0] as number)}`
      : `${normNames[result.norm]} ≤ ${epsilonText(result.norm, epsilon)}`;
  const kinds = [...new Set(result.cells.map((c) => c.threat))];
  const who =
    threat === 'all'
      ? kinds.length === 1
        ? `one threat model, ${kinds[0]}`
        : 'all threat models'
      : `${threat} pairs alone`;
  return `${who}, ${where}`;
}

export const scoreMeanings: Readonly<Record<Track, string>> = {
  untargeted: 'Score: mean share of images answered with a wrong class',
  targeted: 'Score: mean share of images answered with the target class',
  defenses: 'Score: mean share of images answered with the true class',
};

/** The mark of an entry that the organisers put in. */
export function baselineTag({ baseline }: { baseline: boolean }): Markup | undefined {
  return baseline ? html` <span class="tag">baseline</span>` : undefined;
}

/** `61.0 % (55.0–67.0)`, the interval quieter than the figure. */
export function figure(e: Estimate): Markup {
  return html`${percent(e.value)} <span class="interval">(${intervalOf(e)})</span>`;
}

function boardTable(
  result: TournamentResult,
  rows: readonly BoardRow[],
  track: Track,
  reading: Reading,
  label: string,
): Markup {
  const clean = rows.some((r) => r.cleanAccuracy !== undefined);
  // Over several threat models one mean hides two figures: both stand beside it.
  const apart = reading.threat === 'all' && readingsOf(result).threats.length > 1;
  const other = track === 'defenses' ? 'attack' : 'defense';
  const alone = (threat: Boards['threat'], name: string): string => {
    const row = boardsAt(result, threat, reading.epsilon)?.[track].find((r) => r.name === name);
    return row === undefined ? '–' : percent(row.score.value);
  };
  return scroll(
    label,
    html`<table>
<caption><span>${scoreMeanings[track]}, with its 95&nbsp;% interval over images.</span></caption>
<thead><tr><th class="right" scope="col">#</th><th scope="col">Name</th><th class="right" scope="col">Score</th><th class="line" scope="col"><span class="hidden">Score as a line from 0 to 100 %</span></th>${
      apart &&
      threatsOf(result).map(
        (threat) =>
          html`<th class="right" scope="col">${threat.charAt(0).toUpperCase()}${threat.slice(1)}</th>`,
      )
    }<th class="right" scope="col">Worst ${other}</th><th class="right" scope="col">Per-image worst</th>${
      clean && html`<th class="right" scope="col">Clean accuracy</th>`
    }<th class="right" scope="col">Median time</th></tr></thead>
<tbody>${rows.map(
      (r) =>
        html`<tr${r.baseline && html` class="baseline"`}><td class="right">${r.rank}</td><th scope="row">${r.name}${baselineTag(r)}</th><td class="right">${figure(r.score)}${r.coverage < 1 && html`<small>coverage ${percent(r.coverage)}</small>`}</td><td class="line">${intervalBar(r.score, { domain: [0, 1] })}</td>${
          apart && threatsOf(result).map((threat) => html`<td class="right">${alone(threat, r.name)}</td>`)
        }<td class="right">${figure(r.worst)}<small>${r.worst.opponent}</small></td><td class="right">${figure(r.perImageWorst)}</td>${
          clean &&
          html`<td class="right">${r.cleanAccuracy === undefined ? '–' : figure(r.cleanAccuracy)}</td>`
        }<td class="right">${r.medianSeconds === undefined ? '–' : secondsText(r.medianSeconds)}</td></tr>\n`,
    )}</tbody></table>`,
  );
}
