import type { AttackResult } from '../judge/index.ts';
import { attackFigures, costText, questionsOf, shareOf, success } from './attack-figures.ts';
import { attackHead, attackTable, figureLines } from './attack-table.ts';
import { imagesText, radiusText } from './attack-words.ts';
import { counted, percent, percentInterval, secondsText } from './format.ts';
import { printable } from './printable.ts';
import { painter, type TextOptions, type TextTable, textTable } from './table.ts';
import { distinctFlags, flagLines } from './tournament-tables.ts';

/**
 * What an attack did within each of several radii, as text for a terminal: one line each; of a single radius all that
 * there is to say. Ends without a line break.
 * @param attacks of one attack on one model, at least one
 */
export function attackTables(attacks: readonly AttackResult[], options: TextOptions = {}): string {
  const [only] = attacks;
  if (attacks.length === 1 && only !== undefined) return attackTable(only, options);
  const { colour = false, width = 80 } = options;
  const results = attacks.map(printable);
  const first = results[0] as AttackResult;
  const place = { paint: painter(colour), width };
  // An attack of minimum norm runs once for all radii: what it cost is told once.
  const oneRun = first.curve !== undefined;
  const shared = attackFigures(first).filter(
    ({ name }) => name === 'clean accuracy' || (oneRun && name === 'cost'),
  );
  return [
    ...flagLines({ flags: distinctFlags(results) }, place.paint, width),
    attackHead(first, imagesText(first), place),
    figureLines(shared, place),
    textTable(
      (oneRun ? [undefined] : [costText, shortCost, undefined]).map((cost) => radii(results, cost)),
      { ...place, shrink: 0 },
    ),
  ].join('\n\n');
}

function shortCost({ seconds, asked }: AttackResult): string {
  return `${secondsText(seconds)}, ${counted(questionsOf(asked), 'question')}`;
}

/** @param cost left out where it is told elsewhere, or for want of room */
function radii(results: readonly AttackResult[], cost?: (result: AttackResult) => string): TextTable {
  const abstains = results.some(({ abstained }) => abstained !== undefined);
  const right = (head: string) => ({ head, align: 'right' as const });
  return {
    columns: [
      { head: 'radius' },
      right('robust accuracy'),
      right(success(results[0] as AttackResult).name),
      ...(abstains ? [right('abstained')] : []),
      ...(cost ? [{ head: 'cost' }] : []),
    ],
    rows: results.map((result) => [
      radiusText(result) ?? '',
      percentInterval(shareOf(result, result.robustAccuracy)),
      success(result).share,
      ...(abstains ? [percent(result.abstained?.adversarial ?? 0)] : []),
      ...(cost ? [cost(result)] : []),
    ]),
  };
}
