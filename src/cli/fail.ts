import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { printable, printableLines } from '../report/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { StoppedBySignal } from './interrupt.ts';

/**
 * Tells an error on stderr in two lines (as an object with `json`) and sets the exit code: 2 for bad input, 1 for a
 * failed run, 128 and the signal's number (Ctrl-C: 130) for a stop after which the run can go on.
 */
export function fail(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    // Help and version are printed by then; help that was not asked for is wrong use.
    if (error.exitCode === 0) return;
    process.exitCode = 2;
    if (!error.code.startsWith('commander.help')) fail(wrongUse(error.message), json);
    return;
  }
  if (!(error instanceof AdvarenaError)) {
    process.exitCode = 1;
    const { name, message, stack } = error as Error;
    process.stderr.write(
      json
        ? `${JSON.stringify({ error: { code: 'DEFECT', message } })}\n`
        : `${printableLines(stack ?? `${name}: ${message}`)}\n`,
    );
    return;
  }
  if (error instanceof StoppedBySignal) {
    process.exitCode = error.exitCode;
    // Ending by itself, Node would let go of the handlers first, and one more signal would end it by another code.
    process.once('beforeExit', () => process.exit());
  } else process.exitCode = error.code === 'STOPPED' ? 130 : error.broken ? 1 : 2;
  if (json) {
    process.stderr.write(`${JSON.stringify({ error })}\n`);
    return;
  }
  const { code, message, where, remedy } = printable(error.toJSON());
  const place = where === undefined ? '' : `${where}: `;
  const head = styleText(['red', 'bold'], 'error', { stream: process.stderr });
  process.stderr.write(`${head} ${code}  ${place}${message}\n`);
  if (remedy !== undefined) process.stderr.write(`  fix: ${remedy}\n`);
}

/** What the parser of the command line says, as an error like the others. */
function wrongUse(text: string): AdvarenaError {
  const [message = '', hint] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`;
  return new AdvarenaError('ARGUMENT', sentence, {
    remedy: hint?.replace(/^\((.*)\)$/, '$1') ?? 'Add --help to the command to see what it takes.',
  });
}
