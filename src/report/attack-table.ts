import type { AttackResult } from '../judge/index.ts';
import { epsilonText } from '../tensor/index.ts';
import { attackFigures, attackSpread, curvePoints } from './attack-figures.ts';
import { accessFacts, limitText, optionsText, taskText } from './attack-words.ts';
import { percent } from './format.ts';
import { printable } from './printable.ts';
import { type Paint, painter, type TextOptions, textTable, wrap } from './table.ts';
import { flagLines } from './tournament-tables.ts';

interface Place {
  paint: Paint;
  width: number;
}

/**
 * What a single attack did, as text for a terminal: flags, headline, then how the images lie. Ends without a line
 * break.
 */
export function attackTable(attack: AttackResult, { colour = false, width = 80 }: TextOptions = {}): string {
  const result = printable(attack);
  const place = { paint: painter(colour), width };
  return [
    ...flagLines(result, place.paint, width),
    attackHead(result, limitText(result), place),
    figureLines(attackFigures(result), place),
    ...spread(result, place),
    ...curve(result, place),
  ].join('\n\n');
}

/** Who attacked whom, and all that was set. @param limit what it kept to, or how many images there are */
export function attackHead(result: AttackResult, limit: string, { paint, width }: Place): string {
  const options = optionsText(result.options);
  const access = accessFacts(result).map(({ name, text }) => `${name} ${text}`);
  return [
    paint('bold', `${result.attack} against ${result.model}`),
    ...[taskText(result, limit), ...(options === '' ? [] : [options]), ...access].map((line) =>
      wrap(line, width),
    ),
  ].join('\n');
}

/** Names and figures in two columns; that of robust accuracy stands out. */
export function figureLines(
  figures: readonly { name: string; text: string }[],
  { paint, width }: Place,
): string {
  const size = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map(({ name, text }) => {
      const line = `${name.padEnd(size)}  ${wrap(text, width, ' '.repeat(size + 2))}`;
      return name === 'robust accuracy' ? paint('bold', line) : line;
    })
    .join('\n');
}

function curve(result: AttackResult, place: Place): string[] {
  const rows = curvePoints(result).map((p) => [
    epsilonText(result.norm, p.epsilon),
    percent(p.robustAccuracy),
  ]);
  if (rows.length === 0) return [];
  const columns = [
    { head: `within ${result.norm}`, align: 'right' as const },
    { head: 'robust accuracy', align: 'right' as const },
  ];
  return [textTable([{ columns, rows }], { ...place, shrink: 0 })];
}

function spread(result: AttackResult, place: Place): string[] {
  const rows = attackSpread(result).map(({ name, values }) => [name, ...values]);
  if (rows.length === 0) return [];
  const columns = [
    { head: 'per image' },
    ...['smallest', 'median', 'largest'].map((head) => ({ head, align: 'right' as const })),
  ];
  return [textTable([{ columns, rows }], { ...place, shrink: 0 })];
}
