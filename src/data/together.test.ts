import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { together } from './together.ts';

test('results come in order, and of several failures the first in order is thrown', async () => {
  const work = async ([milliseconds, name, fails]: readonly [number, string, boolean]): Promise<string> => {
    await setTimeout(milliseconds);
    if (fails) throw new Error(name);
    return name;
  };
  const slow = [20, 'slow', false] as const;
  const late = [20, 'late', true] as const;
  const early = [0, 'early', true] as const;
  expect(await together([slow, [0, 'quick', false]], work)).toEqual(['slow', 'quick']);
  await expect(together([slow, late, early], work)).rejects.toThrow('late');
});
