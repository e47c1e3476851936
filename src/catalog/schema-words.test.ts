import { expect, test } from 'vitest';
import { z } from 'zod';
import { complaint } from './schema-words.ts';

test('whole numbers that are not held exactly are told their bound, others none', () => {
  const schema = z.object({ seed: z.int().min(0), offset: z.int(), rate: z.number().max(1) });
  const data = { seed: 2 ** 53, offset: -1e20, rate: 1e20 };
  const told = (key: string): string => complaint(schema, data, { path: [key] }, { whole: 'It' });
  expect(Object.keys(data).map(told)).toEqual([
    'seed is 9007199254740992; write a whole number of at least 0, at most 9007199254740991.',
    'offset is -100000000000000000000; write a whole number, at least -9007199254740991.',
    'rate is 100000000000000000000; write a number of at most 1.',
  ]);
  expect(complaint(schema, { ...data, seed: -1 }, { path: ['seed'] }, { whole: 'It' })).toBe(
    'seed is -1; write a whole number of at least 0.',
  );
});

test('what is no list is told to be one, an empty one to have something', () => {
  const schema = z.object({ radii: z.array(z.number()).min(1) });
  const told = (radii: unknown): string => complaint(schema, { radii }, { path: ['radii'] }, { whole: 'It' });
  expect(told(5)).toBe('radii is 5; write a list.');
  expect(told([])).toBe('radii is an empty list; write a list that is not empty.');
});
