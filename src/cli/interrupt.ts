import { AdvarenaError } from '../tensor/index.ts';

/**
 * Runs long work with a signal that Ctrl-C sets. A second Ctrl-C ends the process at once.
 * @param resumable what to tell after a stop: how the work goes on
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  resumable: string,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nStopping after the current run; Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new AdvarenaError('STOPPED', 'Stopped.', { remedy: resumable });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
