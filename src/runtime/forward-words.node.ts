import type { Readable } from 'node:stream';
import { writtenOut } from '../tensor/index.ts';

/** Characters of a line that is still open; a longer one is told in parts. */
const longestOpen = 2 ** 16;

/** Native code colors what it logs; the rest of what a terminal would obey is nobody's to send. */
const color = new RegExp(String.raw`\u001B\[[\d;]*m`, 'g');

/**
 * Tells what a host prints on this program's standard error, in whole lines and without control characters: what it
 * quotes may be a stranger's. It is read as it comes, so that no host waits for a reader.
 */
export function forwardWords(printed: Readable): void {
  let open = '';
  const tell = (lines: readonly string[]): void => {
    const plain = lines.map((line) => writtenOut(line.replace(/\r$/, '').replaceAll(color, '')));
    if (plain.length > 0) process.stderr.write(`${plain.join('\n')}\n`);
  };
  printed.setEncoding('utf8');
  printed.on('data', (chunk: string) => {
    const lines = `${open}${chunk}`.split('\n');
    open = lines.pop() ?? '';
    if (open.length > longestOpen) {
      lines.push(open);
      open = '';
    }
    tell(lines);
  });
  printed.on('end', () => tell(open === '' ? [] : [open]));
  printed.on('error', () => undefined);
}
