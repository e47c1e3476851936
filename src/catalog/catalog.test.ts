import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalogOf } from './catalog.ts';

const entry = (name: string) => ({ name, title: name, paper: 'test', options: z.strictObject({}) });

test('entries are found by name, another name is told the nearest', () => {
  const [mean, median] = [entry('mean'), entry('median')];
  const filters = catalogOf('filter', [mean, median]);
  expect(filters.find('median')).toBe(median);
  expect(filters.all).toEqual([mean, median]);
  expect(() => filters.find('medain')).toThrow(
    expect.objectContaining({
      code: 'UNKNOWN_NAME',
      message: 'Unknown filter "medain". Choose one of: mean, median. Did you mean "median"?',
    }),
  );
  const many = catalogOf('filter', [...Array.from({ length: 98 }, (_, i) => entry(`x${i}`)), mean, median]);
  expect(() => many.find('medain')).toThrow(
    expect.objectContaining({
      message: 'Unknown filter "medain". Nearest of 100: median, mean, x0, x1, x2. Did you mean "median"?',
    }),
  );
  expect(() => filters.find('constructor')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
});
