import { printable } from './printable.ts';
import { painter, type TextOptions, type Tone, wrap } from './table.ts';

const tones: Readonly<Record<string, Tone>> = { ok: 'green', warn: 'yellow', fail: 'red' };

/** What was looked at, a line each with its state first, as text for a terminal. Ends without a line break. */
export function findingsText(
  findings: readonly { name: string; state: string; found: string; remedy?: string }[],
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const paint = painter(colour);
  const size = Math.max(...findings.map(({ name }) => name.length));
  const indent = ' '.repeat(size + 8);
  return findings
    .flatMap(({ name, state, found, remedy }) => [
      `${paint(tones[state] ?? 'bold', state.padEnd(4))}  ${name.padEnd(size)}  ${wrap(printable(found), width, indent)}`,
      ...(remedy === undefined ? [] : [`${indent}${wrap(`fix: ${printable(remedy)}`, width, indent)}`]),
    ])
    .join('\n');
}
