import { afterEach, expect, test, vi } from 'vitest';
import { interruptible, StoppedBySignal } from './interrupt.ts';

afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of signals) process.removeAllListeners(signal);
});

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
  // What comes while the program ends does not end it by another code.
  process.emit(signal, signal);
  expect(exit.mock.calls).toEqual([[code], [code]]);
});

test('what the work throws by itself is thrown', async () => {
  const work = interruptible(() => Promise.reject(new TypeError('a bug')), 'Begin again.');
  await expect(work).rejects.toThrow(TypeError);
  await expect(work).rejects.not.toBeInstanceOf(StoppedBySignal);
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual([0, 0, 0]);
});
