import { expect, test, vi } from 'vitest';
import { duration, progress } from './progress.ts';

test('times are told in their two largest units', () => {
  expect([-1, 0, 12.4, 59.6, 61, 125, 3599, 3600, 3725, 90_000].map(duration)).toEqual([
    '0 s',
    '0 s',
    '12 s',
    '1 min 00 s',
    '1 min 01 s',
    '2 min 05 s',
    '59 min 59 s',
    '1 h 00 min',
    '1 h 02 min',
    '25 h 00 min',
  ]);
});

test('it prints unless it is to be silent', () => {
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const silent = progress(true);
    silent.update('nothing');
    silent.done();
    expect(write).not.toHaveBeenCalled();
    const told = progress(false);
    vi.spyOn(performance, 'now').mockReturnValue(1e9);
    told.update('1 of 2 images');
    told.done();
    expect(write.mock.calls.flat().join('')).toContain('1 of 2 images');
  } finally {
    vi.restoreAllMocks();
  }
});
