import { WriteStream } from 'node:tty';
import { afterEach, expect, test, vi } from 'vitest';
import { isColoured, isLive } from './terminal.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A terminal or a pipe. */
function stream(isTTY: boolean): NodeJS.WriteStream {
  return Object.assign(Object.create(WriteStream.prototype) as NodeJS.WriteStream, {
    _isStdio: true,
    isTTY,
  });
}

test.for([
  [{}, true, false],
  [{ NO_COLOR: '1' }, false, false],
  [{ TERM: 'dumb' }, false, false],
  [{ FORCE_COLOR: '1' }, true, true],
  [{ FORCE_COLOR: '1', TERM: 'dumb' }, true, true],
  [{ FORCE_COLOR: '0' }, false, false],
] as const)('%o: colours on a terminal %s, in a pipe %s', ([env, tty, pipe]) => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect([isColoured(stream(true)), isColoured(stream(false))]).toEqual([tty, pipe]);
  expect([isLive(stream(true)), isLive(stream(false))]).toEqual([process.env['TERM'] !== 'dumb', false]);
});
