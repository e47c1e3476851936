import { afterEach, expect, test, vi } from 'vitest';
import { JobEnded } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { fail } from './fail.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What is told of an error, and the exit code. */
function told(error: unknown, json: boolean): { err: string; code: unknown } {
  let err = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  fail(error, json);
  return { err, code: process.exitCode };
}

const details = { where: 'here', remedy: 'Do that.' };

test('wrong input ends with 2, a run that broke with 1, a stop with 130', () => {
  expect(told(new AdvarenaError('ARGUMENT', 'Wrong.', details), false)).toEqual({
    err: 'error ARGUMENT  here: Wrong.\n  fix: Do that.\n',
    code: 2,
  });
  expect(told(new AdvarenaError('BLOB_DAMAGED', 'Broken.', { ...details, broken: true }), true)).toEqual({
    err: `${JSON.stringify({ error: { code: 'BLOB_DAMAGED', message: 'Broken.', ...details, broken: true } })}\n`,
    code: 1,
  });
  for (const [code, exit] of [
    ['TIMEOUT', 1],
    ['RUNTIME_CRASH', 1],
    ['STOPPED', 130],
  ] as const)
    expect([code, told(new JobEnded(code, 'Ended.', details), false).code]).toEqual([code, exit]);
});

test('whether a run broke is known on the other side of a message too', () => {
  const error = new AdvarenaError('DISK_FULL', 'Full.', { broken: true });
  expect(AdvarenaError.fromJSON(JSON.parse(JSON.stringify(error))).broken).toBe(true);
  expect(AdvarenaError.fromJSON(new AdvarenaError('ARGUMENT', 'Wrong.').toJSON()).broken).toBe(false);
});
