import { describe, expect, test } from 'vitest';
import { attackResult } from '../../test/report/attack-result.ts';
import type { AttackResult } from '../judge/index.ts';
import { accessFacts, limitText, optionsText, radiusText, regionText, taskText } from './attack-words.ts';

const result = (more: Partial<AttackResult>): AttackResult => ({ ...attackResult(), ...more });

test('a limit is the radius, the smallest change, or none but the range of pixels', () => {
  const curve = [{ epsilon: 1, robustAccuracy: 0 }];
  expect(limitText(result({}))).toBe('linf 8/255');
  expect(limitText(result({ curve }))).toBe('linf 8/255');
  expect(limitText(result({ epsilon: null, norm: 'l2', curve }))).toBe('smallest l2 change');
  expect(limitText(result({ epsilon: null }))).toBe('any pixels');
  expect(limitText(result({ epsilon: null, region: 'mask' }))).toBe('any pixels within a mask');
  expect(limitText(result({ region: { share: 0.05 } }))).toBe(
    'linf 8/255 within a square of 5 % of the area',
  );
});

test('a radius of counted pixels is a most; a radius of 0 is one', () => {
  expect(radiusText({ norm: 'l0', epsilon: 1 })).toBe('at most 1 pixel');
  expect(radiusText({ norm: 'l0', epsilon: 2 })).toBe('at most 2 pixels');
  expect(radiusText({ norm: 'l0-entries', epsilon: 2 })).toBe('at most 2 entries');
  expect(radiusText({ norm: 'l1', epsilon: 0.5 })).toBe('l1 0.5');
  expect(radiusText({ norm: 'linf', epsilon: 0 })).toBe('linf 0/255');
  expect(radiusText({ norm: 'linf', epsilon: null })).toBeUndefined();
});

test('an area is told in three digits', () => {
  expect(regionText('mask')).toBe('a mask');
  expect([0.05, 1 / 3, 0.001, 1].map((share) => regionText({ share }))).toEqual(
    ['5', '33.3', '0.1', '100'].map((percent) => `a square of ${percent} % of the area`),
  );
});

test('the task names goal, limit or number of images, pixels, and draws where there are several', () => {
  expect(taskText(result({}))).toBe('untargeted, 40 images, 8-bit pixels');
  expect(taskText(result({ goal: 'targeted', pixels: 'float32' }), 'linf 8/255')).toBe(
    'targeted, linf 8/255, float32 pixels',
  );
  expect(taskText(result({ draws: 1 }))).not.toContain('draws');
  expect(taskText(result({ draws: 2 }))).toMatch(/, 2 draws of the model$/);
});

describe('what stood before the model, and what the attack had', () => {
  const facts = (more: Partial<AttackResult>): Record<string, string> =>
    Object.fromEntries(accessFacts(result(more)).map(({ name, text }) => [name, text]));

  test('is nothing where there was nothing', () => {
    expect(facts({})).toEqual({});
  });

  test('defenses, and whether the attack saw them', () => {
    const defenses = [{ name: 'jpeg', options: { quality: 75 } }, { name: 'median' }];
    expect(facts({ defenses, adaptive: true })).toEqual({
      behind: 'jpeg:quality=75, then median, which the attack saw',
    });
    const blind = 'jpeg:quality=75, then median, to which the attack was blind';
    expect(facts({ defenses, adaptive: false })).toEqual({ behind: blind });
    expect(facts({ defenses })).toEqual({ behind: blind });
  });

  test('sources, one or several', () => {
    expect(facts({ sources: ['a'] })).toEqual({ source: 'a' });
    expect(facts({ sources: ['a', 'b'] })).toEqual({ sources: 'a, b' });
  });

  test('views, with options of their own as JSON', () => {
    expect(facts({ through: [{ name: 'eot', options: { draws: 4 } }, { name: 'bpda' }] })).toEqual({
      through: 'eot:draws=4, bpda',
    });
    expect(facts({ through: [{ name: 'view', options: { deep: { a: 1 } } }] })).toEqual({
      through: 'view {"deep":{"a":1}}',
    });
    expect(facts({ through: [{ name: 'view', options: { list: [1, 2] } }] })['through']).not.toContain('{');
  });

  test('questions that were allowed, of all kinds together or each apart', () => {
    expect(facts({ queries: 1000 })).toEqual({ 'at most': '1,000 decisions and scores per image' });
    expect(facts({ queries: { scores: 300, gradients: 10 } })['at most']).toMatch(
      /^(300 scores, 10 gradients|10 gradients, 300 scores) per image$/,
    );
    expect(facts({ queries: { decisions: 0 } })).toEqual({ 'at most': '0 decisions per image' });
  });

  test('whose labels it was told, and whether it stopped early', () => {
    expect(facts({ labelsFrom: 'predicted' })).toEqual({ told: "the model's own answers" });
    expect(facts({ labelsFrom: 'true', stopEarly: true })).toEqual({
      stopped: 'where the model was fooled',
    });
  });
});

test('options stand as they would be written, texts without quotes', () => {
  expect(optionsText({ steps: 40, loss: 'margin', layers: ['a', 2], early: false })).toBe(
    'steps 40, loss margin, layers ["a",2], early false',
  );
  expect(optionsText({})).toBe('');
});
