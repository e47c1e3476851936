import type { Cell, TournamentResult } from '../../arena/index.ts';
import { epsilonText } from '../../tensor/index.ts';
import { normNames } from '../format.ts';
import { cellIndex, orderOf } from '../reading.ts';
import { heatClass, heatSteps } from './heat-scale.ts';
import { html, type Markup } from './markup.ts';
import { scroll } from './page.ts';

/** What a cell of the matrix shows. */
type Shown = 'accuracy' | 'hit';

/** More defenses than this stand upright above narrow columns. */
const denseFrom = 10;

/** The matrix attack x defense of one epsilon, as a table whose grounds are the values. */
export function heatmap(result: TournamentResult, epsilon: number, shown: Shown = 'accuracy'): Markup {
  const cells = cellIndex(result);
  const goals = new Map(result.attacks.map((a) => [a.name, a.goal]));
  const names = orderOf(result, 'attacks');
  const defenses = orderOf(result, 'defenses');
  const groups = (['untargeted', 'targeted'] as const)
    .map((goal) => ({ goal, attacks: names.filter((name) => goals.get(name) === goal) }))
    .filter(({ goal, attacks }) => attacks.length > 0 && (shown === 'accuracy' || goal === 'targeted'));
  if (groups.length === 0) return html``;
  const bound = `${normNames[result.norm]} ≤ ${epsilonText(result.norm, epsilon)}`;
  const what = shown === 'accuracy' ? 'Accuracy of the defense' : 'Share answered with the target';
  const index = result.epsilons.indexOf(epsilon) + 1;
  return html`<div data-epsilon="${index}">${scroll(
    `${what}, ${bound}`,
    html`<table class="heat${defenses.length > denseFrom && ' dense'}" data-shown="${shown}"><caption><span>${what} in %, ${bound}</span></caption>
<thead><tr><th scope="col">Attack</th>${defenses.map((d) => html`<th scope="col"><span>${d}</span></th>`)}</tr></thead>
${groups.map(
  ({ goal, attacks }) =>
    html`<tbody>${
      groups.length > 1 &&
      html`<tr class="group"><th scope="rowgroup" colspan="${defenses.length + 1}">${goal === 'untargeted' ? 'Untargeted' : 'Targeted'}</th></tr>`
    }${attacks.map(
      (attack) =>
        html`<tr><th scope="row"><span>${attack}</span></th>${defenses.map((d) => heatCell(cells(attack, d, epsilon), shown))}</tr>\n`,
    )}</tbody>`,
)}</table>`,
  )}</div>`;
}

function heatCell(cell: Cell | undefined, shown: Shown): Markup {
  const value = shown === 'accuracy' ? cell?.accuracy : cell?.hit;
  if (cell === undefined || value === undefined) return html`<td class="none">–</td>`;
  const kind = cell.threat.replace(' ', '-');
  // A hit is a win of the attack: the colours keep their meaning.
  const ground = heatClass(shown === 'accuracy' ? value : 1 - value);
  return html`<td class="${ground} ${kind}">${(value * 100).toFixed(1)}${
    cell.threat === 'white box' && html`<span class="hidden"> white box</span>`
  }</td>`;
}

/** What colours and borders mean. */
export function heatKey(): Markup {
  const steps = Array.from({ length: heatSteps / 2 + 1 }, (_, i) => html`<b class="h${i * 2}"></b>`);
  return html`<div class="key"><span class="ramp">attack wins <i aria-hidden="true">${steps}</i> defense wins</span><span><span class="box"></span>framed: white box, the attack had the defense’s own network</span></div>`;
}
