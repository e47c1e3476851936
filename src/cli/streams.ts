import { AdvarenaError } from '../tensor/index.ts';
import { fail } from './fail.ts';

/**
 * What becomes of a program whose output goes nowhere: on stderr nothing, for the work goes on without its words; on
 * stdout an end without a word where the reader has seen enough, such as head, else one error.
 */
export function guardStreams(json: boolean): void {
  process.stderr.on('error', () => undefined);
  let told = false;
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit();
    if (told) return;
    told = true;
    const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
    fail(
      new AdvarenaError(
        full ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE',
        full
          ? 'There is no space left for what is printed.'
          : `What is printed cannot be written: ${cause.message}.`,
        { where: 'stdout', remedy: 'Let it go to another place.', broken: true, cause },
      ),
      json,
    );
  });
}
