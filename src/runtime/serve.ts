import { AdvarenaError } from '../tensor/index.ts';
import type { FromHost, Job, JobContext, JobFunction, ToHost } from './host.ts';
import { JobEnded, packError } from './host.ts';

/**
 * The inside of a host: does the jobs that come, one at a time.
 * @param turn lets the messages in that have arrived meanwhile
 * @returns what to call with each message
 */
export function serve(
  send: (message: FromHost) => void,
  turn: () => Promise<void>,
): (message: ToHost) => void {
  const cache = new Map<string, unknown>();
  const stops = new Set<number>();
  const perform = async (id: number, job: Job): Promise<void> => {
    const context: JobContext = {
      cache,
      progress: (value) => send({ type: 'progress', id, value }),
      async pause() {
        await turn();
        if (stops.has(id)) throw new JobEnded('STOPPED', 'The work was stopped.');
      },
    };
    try {
      const run = await find(job);
      send({ type: 'started', id });
      const value = await run(job.data, context);
      send({ type: 'done', id, value });
    } catch (error) {
      send({ type: 'failed', id, error: packError(error) });
    }
    stops.delete(id);
  };
  return (message) => {
    if (message.type === 'stop') stops.add(message.id);
    else void perform(message.id, message.job);
  };
}

async function find(job: Job): Promise<JobFunction<unknown, unknown>> {
  const module = (await import(/* @vite-ignore */ job.module)) as Record<string, unknown>;
  const run = module[job.name];
  if (typeof run === 'function') return run as JobFunction<unknown, unknown>;
  throw new AdvarenaError('JOB_UNKNOWN', `The module exports no function "${job.name}".`, {
    where: job.module,
    remedy: 'Name a function that the module exports.',
  });
}
