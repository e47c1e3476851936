import { describe, expect, test } from 'vitest';
import { lossDifference, maskingChecks, transferChecks } from './claims.ts';
import { maskingNames, standardNames, type Trial, type TrialResult } from './trials.ts';

test('a difference of losses is over pairs', () => {
  // The first loses 1 of 4, the second 3 of 4, of which two are the other's too.
  const { value, low, high } = lossDifference(['1111', '1110'], ['1111', '1000']);
  expect(value).toBe(-50);
  expect((low + high) / 2).toBeCloseTo(-50);
  expect(high - low).toBeCloseTo(2 * 100 * 1.96 * Math.sqrt(1 / 3 / 4), 0);
});

describe('claims about a defense', () => {
  /** Of 100 images the first so many are right. */
  const right = (count: number, of = 100): string => '1'.repeat(count) + '0'.repeat(of - count);
  const results = (more: Record<string, number> = {}) => {
    const figures: Record<string, number> = {
      clean: 85,
      [standardNames.fgsm(2)]: 80,
      [standardNames.fgsm(4)]: 70,
      [standardNames.fgsm(8)]: 50,
      [standardNames.pgd(2)]: 80,
      [standardNames.pgd(4)]: 60,
      [standardNames.pgd(8)]: 40,
      [maskingNames.strong]: 38,
      [maskingNames.noise]: 100,
      [maskingNames.square]: 100,
      [maskingNames.transfer('twin')]: 41,
      [maskingNames.huge]: 10,
      ...more,
    };
    return Object.entries(figures).map(([name, count]) => ({ name, right: right(count) }));
  };
  const twin = (clean: number, pgd: number) =>
    [
      { name: 'clean', right: right(clean) },
      { name: standardNames.pgd(8), right: right(pgd) },
    ] as TrialResult[];
  /** Which of the seven claims hold, and what was found. */
  const checks = (more: Record<string, number> = {}, beside = twin(90, 10)) =>
    maskingChecks(results(more), beside, { twin: 'twin', classes: 10 });
  const held = (at: number, more?: Record<string, number>, beside?: TrialResult[]): boolean | undefined =>
    checks(more, beside)[at]?.held;

  test('hold up to their borders', () => {
    expect(checks().map((c) => c.held)).toEqual(Array.from({ length: 7 }, () => true));
    expect(checks().map((c) => c.found)).toEqual([
      '30.0 points',
      '85.0 %, 5.0 points below',
      '2.0 points on 100 images',
      '0.0 % of 100 images (0 by points, 0 by squares)',
      '0.0, 10.0, 10.0 points above at 2, 4, 8/255',
      "41.0 % left under the twin's, 40.0 % under its own",
      '10.0 %, chance is 10.0 %',
    ]);
  });

  test('fail beyond them', () => {
    expect(held(0, {}, twin(90, 11))).toBe(false);
    expect([held(1, { clean: 84 }, twin(94, 10)), held(1, { clean: 84 }, twin(95, 10))]).toEqual([
      true,
      false,
    ]);
    expect(held(1, { clean: 85 }, twin(100, 10))).toBe(true);
    expect([held(2, { [maskingNames.strong]: 37 }), held(2, { [maskingNames.strong]: 38 })]).toEqual([
      false,
      true,
    ]);
    expect(held(4, { [standardNames.fgsm(4)]: 59 })).toBe(false);
    expect(held(5, { [maskingNames.transfer('twin')]: 40 })).toBe(false);
    expect(held(6, { [maskingNames.huge]: 11 })).toBe(false);
  });

  test('count an image that any search breaks once, if PGD did not', () => {
    // PGD leaves the first 40: points break one of them, squares two.
    expect(held(3, { [maskingNames.noise]: 39 })).toBe(true);
    const broken = checks({ [maskingNames.noise]: 39, [maskingNames.square]: 38 })[3];
    expect(broken).toMatchObject({ held: false, found: '2.0 % of 100 images (1 by points, 2 by squares)' });
    expect(held(3, { [maskingNames.noise]: 40, [maskingNames.square]: 40 })).toBe(true);
  });

  test('of images of other networks tell how many points fewer it loses', () => {
    const own = [
      { name: 'clean', right: right(100) },
      { name: 'others', right: right(90) },
    ] as TrialResult[];
    const beside = [
      { name: 'clean', right: right(100) },
      { name: 'others', right: right(60) },
    ] as TrialResult[];
    const extra = [{ name: 'others' }] as Trial[];
    const [better] = transferChecks(extra, own, beside);
    expect(better?.held).toBe(true);
    // 30 of 100 pairs differ: 1.96 times the root of 0.3 times 0.7 by 99.
    expect(better?.found).toBe('30.0 points fewer (21.0 to 39.0) on 100 images');
    expect(transferChecks(extra, beside, own)[0]).toMatchObject({
      held: false,
      found: '-30.0 points fewer (-39.0 to -21.0) on 100 images',
    });
    expect(transferChecks(extra, own, own)[0]?.held).toBe(false);
    expect(() => transferChecks([{ name: 'absent' }] as Trial[], own, beside)).toThrow('no figure absent');
  });
});
