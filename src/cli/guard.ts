import { writtenOut } from '../tensor/index.ts';

const sequence = String.raw`\u001B\[[?\d;]*`;

/** What of this program's own passes: colours, and on a live stream the moves that renew the lines of progress. */
const own = { still: new RegExp(`(${sequence}m)`), live: new RegExp(`(${sequence}[ABCDGJKhlm])`) };

/** Text with what a terminal would obey written out as `\u001b`, which within JSON means the same. */
export function harmless(text: string, live: boolean): string {
  return text
    .split(live ? own.live : own.still)
    .map((part, i) => (i % 2 === 1 ? part : writtenOut(part)))
    .join('');
}

/**
 * The last place that text passes on its way to a stream, whoever writes it: commands, hosts, a parser that quotes
 * words. What is told of foreign names is made printable before, for here no one knows which sequences are theirs.
 */
export function guard(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  const decoder = new TextDecoder();
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    return write(harmless(text, stream.isTTY && stream === process.stderr), ...rest);
  };
}
