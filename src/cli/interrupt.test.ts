import { afterEach, expect, test, vi } from 'vitest';
import { interruptible, StoppedBySignal } from './interrupt.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Work that lasts until it is told to stop. */
function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('broken off')));
  });
}

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s stops the work, a second time the program, with %i', async ([signal, code]) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const work = interruptible(untilStopped, 'Begin again.');
  process.emit(signal, signal);
  process.emit(signal, signal);
  expect(exit.mock.calls).toEqual([[code]]);
  await expect(work).rejects.toMatchObject({ code: 'STOPPED', exitCode: code, remedy: 'Begin again.' });
  expect(process.listenerCount(signal)).toBe(0);
});

test('what the work throws by itself is thrown', async () => {
  const work = interruptible(() => Promise.reject(new TypeError('a bug')), 'Begin again.');
  await expect(work).rejects.toThrow(TypeError);
  await expect(work).rejects.not.toBeInstanceOf(StoppedBySignal);
});
