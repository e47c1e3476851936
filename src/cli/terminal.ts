import { styleText } from 'node:util';

/** How text goes to stdout: coloured where that is wanted, as wide as the terminal, 110 wide into files and pipes. */
export function terminal(): { colour: boolean; width: number } {
  return { colour: isColoured(process.stdout), width: process.stdout.columns ?? 110 };
}

/** Whether a stream gets colours; Node decides, by NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal. */
export function isColoured(stream: NodeJS.WriteStream): boolean {
  return styleText('red', 'x', { stream }) !== 'x';
}

/** Whether lines that were written to a stream can be written over. */
export function isLive(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}
