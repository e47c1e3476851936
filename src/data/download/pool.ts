/**
 * Works on items, some at once, in their order; after a failure no other is begun and those under way are told.
 * @throws the first failure, or the signal's reason
 */
export async function pool<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const ended = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  // One list for all: each worker takes the next item that no other has.
  const queue = [...items].values();
  const worker = async (): Promise<void> => {
    try {
      for (const item of queue) {
        ended.throwIfAborted();
        await work(item, ended);
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  ended.throwIfAborted();
}
