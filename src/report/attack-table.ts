import type { AttackResult } from '../judge/index.ts';
import { epsilonText, median, wilson } from '../tensor/index.ts';
import { counted, countText, percent, percentInterval, secondsText } from './format.ts';
import { printable } from './printable.ts';
import { painter, type TextOptions, textTable, wrap } from './table.ts';
import { flagLines } from './tournament-tables.ts';

/**
 * What a single attack did, as text for a terminal: flags, headline, then how the images lie. Ends without a line
 * break.
 */
export function attackTable(attack: AttackResult, { colour = false, width = 80 }: TextOptions = {}): string {
  const result = printable(attack);
  const paint = painter(colour);
  const title = paint('bold', `${result.attack} against ${result.model}`);
  const limit = `${result.goal}, ${result.norm} ${epsilonText(result.norm, result.epsilon)}, ${result.pixels} pixels`;
  const options = Object.entries(result.options)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  const figures = attackFigures(result).map(({ name, text }) => [name, text] as const);
  const size = Math.max(...figures.map(([name]) => name.length));
  return [
    ...flagLines(result, paint, width),
    [title, wrap(limit, width), ...(options === '' ? [] : [wrap(options, width)])].join('\n'),
    figures
      .map(([name, text], i) => {
        const line = `${name.padEnd(size)}  ${text}`;
        return i === 1 ? paint('bold', line) : line;
      })
      .join('\n'),
    ...spread(result, { paint, width }),
  ].join('\n\n');
}

/** The headline of one attack: clean and robust accuracy, success, cost. */
export function attackFigures(result: AttackResult): { name: string; text: string }[] {
  const { samples } = result;
  const total = samples.length;
  const right = samples.filter((s) => s.clean === s.label).length;
  const held = samples.filter((s) => s.clean === s.label && s.adversarial === s.label).length;
  const won = samples.filter((s) => s.success).length;
  // Without a target to reach, an image that is wrong when clean cannot be won.
  const targeted = samples.some((s) => s.target !== undefined);
  const tried = targeted ? total : right;
  return [
    {
      name: 'clean accuracy',
      text: `${percentInterval(wilson(right, total))}, ${right} of ${counted(total, 'image')}`,
    },
    {
      name: 'robust accuracy',
      text: `${percentInterval(wilson(held, total))}, ${held} of ${counted(total, 'image')}`,
    },
    {
      name: targeted ? 'target reached' : 'fooled',
      text: `${tried === 0 ? '–' : percent(won / tried)}, ${won} of ${tried}${targeted ? '' : ' right when clean'}`,
    },
    {
      name: 'cost',
      text: `${secondsText(result.seconds)}, ${counted(result.gradients, 'gradient')}, ${counted(result.queries, 'query', 'queries')}`,
    },
  ];
}

/** Smallest, median and largest of what the judge measured on each image. */
export function attackSpread(result: AttackResult): { name: string; values: [string, string, string] }[] {
  if (result.samples.length === 0) return [];
  const column = (field: 'linf' | 'l2' | 'margin' | 'queries'): number[] =>
    result.samples.map((s) => s[field]);
  return [
    { name: 'change, linf in 1/255', values: three(column('linf'), (v) => (v * 255).toFixed(1)) },
    { name: 'change, l2', values: three(column('l2'), (v) => v.toFixed(3)) },
    { name: 'margin of the logits', values: three(column('margin'), (v) => v.toFixed(2)) },
    { name: 'queries', values: three(column('queries'), (v) => countText(Math.round(v))) },
  ];
}

function three(values: readonly number[], text: (v: number) => string): [string, string, string] {
  return [
    text(values.reduce((a, b) => Math.min(a, b))),
    text(median(values)),
    text(values.reduce((a, b) => Math.max(a, b))),
  ];
}

function spread(
  result: AttackResult,
  { paint, width }: { paint: ReturnType<typeof painter>; width: number },
): string[] {
  const rows = attackSpread(result).map(({ name, values }) => [name, ...values]);
  if (rows.length === 0) return [];
  const columns = [
    { head: 'per image' },
    ...['smallest', 'median', 'largest'].map((head) => ({ head, align: 'right' as const })),
  ];
  return [textTable([{ columns, rows }], { paint, width, shrink: 0 })];
}
