import type { Hosts, Job } from '../src/runtime/index.ts';

/** Every text and number within plain data, keys included; long arrays of numbers apart. */
export function* leavesOf(data: unknown): Generator<string | number> {
  if (typeof data === 'string' || typeof data === 'number') yield data;
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return;
  for (const [key, value] of Object.entries(data)) {
    if (!Array.isArray(data)) yield key;
    yield* leavesOf(value);
  }
}

/** Whether any of these stands within plain data, alone or in a text. */
export function holdsAny(data: unknown, wanted: readonly (string | number)[]): boolean {
  for (const leaf of leavesOf(data))
    if (wanted.some((w) => leaf === w || String(leaf).includes(String(w)))) return true;
  return false;
}

/** Hosts that note the jobs they are given. */
export function noting(hosts: Hosts): Hosts & { readonly jobs: Job[] } {
  const jobs: Job[] = [];
  return {
    ...hosts,
    jobs,
    run(job, options) {
      jobs.push(job);
      return hosts.run(job, options);
    },
  };
}
