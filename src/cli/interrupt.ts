import { constants } from 'node:os';
import { AdvarenaError } from '../tensor/index.ts';

/** Ctrl-C, an end asked for from outside, and a terminal that was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Work that a signal stopped. */
export class StoppedBySignal extends AdvarenaError {
  /** Of the program: 128 and the number of the signal, as shells have it. */
  readonly exitCode: number;

  constructor(exitCode: number, remedy: string) {
    super('STOPPED', 'Stopped.', { remedy });
    this.exitCode = exitCode;
  }
}

/**
 * Runs long work with a signal that Ctrl-C sets, and its kin. A second one ends the process at once.
 * @param resumable what to tell after a stop: how the work goes on
 * @throws StoppedBySignal where the work ended for that reason; else what the work throws
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  resumable: string,
): Promise<T> {
  const controller = new AbortController();
  let code: number | undefined;
  const onSignal = (signal: (typeof signals)[number]): void => {
    const again = code !== undefined;
    code = 128 + constants.signals[signal];
    if (again) process.exit(code);
    process.stderr.write('\nStopping after the current run; Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (code === undefined) throw error;
    throw new StoppedBySignal(code, resumable);
  } finally {
    // After a stop they stay, so that one more signal while the program ends meets them.
    if (code === undefined) for (const signal of signals) process.off(signal, onSignal);
  }
}
