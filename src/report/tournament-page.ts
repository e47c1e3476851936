import type { TournamentResult } from '../arena/index.ts';
import { epsilonText } from '../tensor/index.ts';
import { counted, countText, normNames, percent } from './format.ts';
import { baselineTag, boardSections, figure, switches, switchRules } from './html/boards.ts';
import { comparisonTable } from './html/comparisons.ts';
import { entryTables, epsilonTables, flagList, timeTable } from './html/details.ts';
import { exampleCards } from './html/examples.ts';
import { heatKey, heatmap } from './html/heatmap.ts';
import { html, type Markup } from './html/markup.ts';
import { facts, page } from './html/page.ts';
import { boardsAt, readingsOf, type Track, threatsOf, tracks } from './reading.ts';

export interface PageOptions {
  /** The bytes of the PNG of a hash that the result's examples name. */
  images: (hash: string) => Promise<Uint8Array>;
}

/** The page of `tournamentHtml`. */
export async function tournamentPage(result: TournamentResult, { images }: PageOptions): Promise<string> {
  const examples = await exampleCards(result, images);
  const times = timeTable(result);
  const targeted = result.attacks.some((a) => a.goal === 'targeted');
  return page(
    `${result.name} – advarena`,
    html`${heading(result)}
<h2 id="leaderboards">Leaderboards</h2>
<p class="soft">A figure in brackets is a 95&nbsp;% interval over images. “Worst” is the one strongest opponent at its worst bound; “per-image worst” counts an image only where it is won against every opponent at once. ${threatWords(result)}</p>
${switches(result)}
${boardSections(result)}
<h2 id="matrix">Attack against defense</h2>
<p class="soft">Share of images that each defense answers with the true class under each attack, the strongest entries first.</p>
${heatKey()}
${result.epsilons.map((e) => heatmap(result, e))}
${
  targeted &&
  html`<h3>Targets reached</h3><p class="soft">Targeted attacks alone: share of images answered with the target class.</p>
${result.epsilons.map((e) => heatmap(result, e, 'hit'))}`
}
${result.epsilons.length > 1 && html`<h2 id="bounds">Scores by bound</h2>\n${epsilonTables(result)}`}
${result.comparisons.length > 0 && html`<h2 id="comparisons">Comparisons</h2>\n${comparisonTable(result.comparisons)}`}
${
  examples.length > 0 &&
  html`<h2 id="examples">Examples</h2>
<p class="soft small">Answers are ${result.dataset.classNames === undefined ? 'labels' : 'classes'} of ${result.dataset.name}: <span class="right-answer">✓ true class</span>, <span class="wrong-answer">✗ another</span>, <span class="wrong-answer">◎ the attack’s target</span>.</p>
<div class="examples">${examples}</div>`
}
<h2 id="entries">What was run</h2>
${entryTables(result)}
${times !== undefined && html`<h2 id="times">Times</h2>\n${times}`}
<h2 id="flags">Flags</h2>
${result.flags.length === 0 ? html`<p class="soft">No warning was raised.</p>` : html`<p class="soft">Warnings that change how a figure may be read.</p>${flagList(result.flags)}`}
${origin(result)}`,
    switchRules(result),
  );
}

function heading(result: TournamentResult): Markup {
  const baselines =
    result.attacks.filter((a) => a.baseline).length + result.defenses.filter((d) => d.baseline).length;
  const bounds = result.epsilons.map((e) => epsilonText(result.norm, e)).join(', ');
  const each =
    result.epsilons.length === 1
      ? ''
      : result.epsilonPerBatch === 'all'
        ? ', each on every image'
        : ', one per batch in turn';
  const targeted = result.attacks.filter((a) => a.goal === 'targeted').length;
  return html`<header>
<p class="kicker">advarena tournament</p>
<h1>${result.name}</h1>
<p class="lead">${counted(result.attacks.length, 'attack')} against ${counted(result.defenses.length, 'defense')} on ${counted(result.dataset.images, 'image')} of ${result.dataset.name}.</p>
</header>
<div class="cards">${winners(result)}</div>
${
  result.flags.length > 0 &&
  html`<div class="note" role="note"><p>${counted(result.flags.length, 'warning')} ${result.flags.length === 1 ? 'changes' : 'change'} how figures may be read: <a href="#flags">${[...new Set(result.flags.map((f) => f.code))].join(', ')}</a></p></div>`
}
${facts([
  ['Dataset', `${result.dataset.name}, ${counted(result.dataset.images, 'image')}`],
  ['Bound', `${normNames[result.norm]} ≤ ${bounds}${each}`],
  ['Attacks', `${result.attacks.length - targeted} untargeted, ${targeted} targeted`],
  ['Defenses', countText(result.defenses.length)],
  ['Baselines', `${baselines} of these entries`],
  ...(result.draws > 1 ? [['Draws', `${result.draws} of each random defense, and their mean`] as const] : []),
  ['Seed', String(result.seed)],
])}`;
}

const winnerTitles = {
  untargeted: 'Strongest untargeted attack',
  targeted: 'Strongest targeted attack',
  defenses: 'Strongest defense',
} as const;

const winnerFigures = {
  untargeted: 'answered wrong',
  targeted: 'answered with the target',
  defenses: 'answered right under attack',
} as const;

/** The first of each board; baselines lead a board too. */
function winners(result: TournamentResult): Markup[] {
  const boards = boardsAt(result, 'all');
  return tracks.flatMap(({ key }) => {
    const first = boards?.[key][0];
    if (first === undefined) return [];
    return [
      html`<div class="card"><p class="soft small">${winnerTitles[key]}</p><p class="name">${first.name}${baselineTag(first)}</p><p class="figure n">${figure(first.score)}</p><p class="soft small">${winnerFigures[key]}</p>${apart(result, key, first.name)}</div>`,
    ];
  });
}

/** The same entry's score under each threat model, where one mean would hide two figures. */
function apart(result: TournamentResult, track: Track, name: string): Markup[] {
  if (readingsOf(result).threats.length === 1) return [];
  return threatsOf(result).flatMap((threat) => {
    const row = boardsAt(result, threat)?.[track].find((r) => r.name === name);
    return row === undefined ? [] : [html`<p class="soft small">${threat}: ${percent(row.score.value)}</p>`];
  });
}

function threatWords(result: TournamentResult): string {
  const cells = result.cells;
  const white = cells.filter((c) => c.threat === 'white box').length;
  const asked = cells.filter((c) => c.threat === 'queries').length;
  if (asked > 0)
    return `In ${white} of ${cells.length} cells the attack had the defense’s own network (white box), in ${asked} it could ask the defense for answers (queries), in the others its images had to transfer. These are different questions and are shown apart.`;
  if (white === 0) return 'No attack had a defense’s own network: every figure is of transfer.';
  if (white === cells.length) return 'Every attack had the defense’s own network: every figure is white box.';
  return `In ${white} of ${cells.length} cells the attack had the defense’s own network (white box); in the others its images had to transfer. The two are different questions and are shown apart.`;
}

function origin(result: TournamentResult): Markup {
  return html`<h2 id="origin">Where these figures come from</h2>
<p>Every figure is computed from the records in the run directory, by a pure function: scores and this page can be deleted and made again to the last digit.</p>
<pre><code>advarena tournament report RUN_DIRECTORY</code></pre>
<p>From the rules, with seed ${result.seed} and the versions below, the steps themselves give the same images and answers. Steps that have a record are not repeated.</p>
<pre><code>advarena tournament run RULES.yaml --out RUN_DIRECTORY</code></pre>
${facts(Object.entries(result.versions).map(([name, version]) => [name, html`<code>${version}</code>`] as const))}`;
}
