import { expect, test } from 'vitest';
import { epsilonText } from './epsilon-text.ts';

test('radii as people write them', () => {
  expect([8 / 255, 1, 0.03, 0.0312345].map((e) => epsilonText('linf', e))).toEqual([
    '8/255',
    '255/255',
    '0.03',
    '0.0312',
  ]);
  expect([0, 1e-300, 1e-9].map((e) => epsilonText('linf', e))).toEqual(['0/255', '1e-300', '1e-9']);
  expect(epsilonText('l2', 128 / 255)).toBe('0.502');
  expect(epsilonText('l1', 12)).toBe('12');
  expect(epsilonText('l0', 24)).toBe('24 pixels');
  expect(epsilonText('l0', 1)).toBe('1 pixel');
  expect(epsilonText('l0-entries', 24)).toBe('24 entries');
});
