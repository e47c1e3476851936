import { expect, test } from 'vitest';
import { outcomeFault } from './outcomes.ts';

test('the outcome of a step that there is not, and of one in another form, is told', () => {
  const fault = (kind: string, outcome: unknown) => outcomeFault({ kind, outcome } as never);
  expect([fault('images', null), fault('paint', null), fault('toString', null)]).toEqual([
    undefined,
    'there is no step "paint"',
    'there is no step "toString"',
  ]);
  expect(fault('images', 3)).toMatch(/^outcome: /);
  expect(fault('attack', {})).toMatch(/^outcome\.\w+: /);
});
