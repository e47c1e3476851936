import { expect, onTestFinished, test, vi } from 'vitest';
import { guardStreams } from './streams.ts';

test.for([
  ['ENOSPC', 'error DISK_FULL  stdout: There is no space left for what is printed.'],
  ['EIO', 'error OUTPUT_UNWRITABLE  stdout: What is printed cannot be written: EIO: it failed.'],
])('an output that takes nothing is told once, %s', ([code, message]) => {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.listeners('error'));
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const exit = process.exitCode;
  onTestFinished(() => {
    written.mockRestore();
    process.exitCode = exit;
    for (const [i, stream] of streams.entries())
      for (const own of stream.listeners('error'))
        if (before[i]?.includes(own) === false) stream.off('error', own as () => void);
  });
  guardStreams(false);
  const told = process.stdout.listeners('error').at(-1) as (cause: Error) => void;
  for (let i = 0; i < 2; i++) told(Object.assign(new Error(`${code}: it failed`), { code }));
  const lines = written.mock.calls.map(([text]) => String(text));
  expect(lines).toEqual([`${message}\n`, '  fix: Let it go to another place.\n']);
  expect(process.exitCode).toBe(1);
});
