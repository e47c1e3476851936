import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { parallel } from './values.ts';

test('threads and hosts are numbers that the machine can do with', () => {
  const most = 4 * availableParallelism();
  const threads = parallel('--threads');
  expect([threads('1'), threads(String(most))]).toEqual([1, most]);
  for (const wrong of ['0', '-1', 'two', '1e9']) expect(() => threads(wrong)).toThrow('--threads is "');
  for (const many of [String(most + 1), '100000'])
    expect(() => threads(many)).toThrow(
      expect.objectContaining({
        code: 'ARGUMENT',
        message: `--threads is ${many}, and this machine has ${availableParallelism()} hardware threads.`,
        remedy: `Give at most ${most}; more would wait for each other.`,
      }),
    );
});
