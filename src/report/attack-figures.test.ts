import { describe, expect, test } from 'vitest';
import { attackResult } from '../../test/report/attack-result.ts';
import type { AttackResult, SampleResult } from '../judge/index.ts';
import { wilson } from '../tensor/index.ts';
import { attackFigures, attackSpread, costText, curvePoints, shareOf, success } from './attack-figures.ts';

const [first] = attackResult().samples as [SampleResult];
const { target: _, ...sample } = first;
const nothing = { decisions: 0, scores: 0, gradients: 0 };

/** Ten images, of which so many are right when clean, and so many of those are won. */
function result(right: number, won: number, more: Partial<AttackResult> = {}): AttackResult {
  return {
    ...attackResult(),
    flags: [],
    samples: Array.from({ length: 10 }, (_, i) => ({ ...sample, success: i < won })),
    cleanAccuracy: right / 10,
    robustAccuracy: (right - won) / 10,
    ...more,
  };
}
const told = (of: AttackResult): Record<string, string> =>
  Object.fromEntries(attackFigures(of).map(({ name, text }) => [name, text]));

describe('shares over all images', () => {
  test('have the score interval of as many images, however many draws there were', () => {
    expect(shareOf(result(8, 0), 0.8)).toEqual(wilson(8, 10));
    expect(shareOf(result(8, 0, { draws: 4 }), 0.775)).toEqual(wilson(7.75, 10));
  });

  test('are whole answers again after rounding', () => {
    expect(shareOf(result(3, 0), 0.1 + 0.2)).toEqual(wilson(3, 10));
    expect(shareOf(result(3, 0, { draws: 3 }), 0.7333333)).toEqual(wilson(22 / 3, 10));
  });
});

describe('the headline', () => {
  test('tells clean and robust accuracy, what was won of what could be, and the cost', () => {
    expect(attackFigures(result(8, 6)).map(({ name }) => name)).toEqual([
      'clean accuracy',
      'robust accuracy',
      'fooled',
      'cost',
    ]);
    expect(told(result(8, 6))).toMatchObject({
      'clean accuracy': '80.0 % (49.0–94.3), 8 of 10 images',
      'robust accuracy': '20.0 % (5.7–51.0), 2 of 10 images',
      fooled: '75.0 %, 6 of 8 right when clean',
    });
  });

  test('one image is one', () => {
    const one = result(10, 0);
    expect(told({ ...one, samples: one.samples.slice(0, 1) })['clean accuracy']).toMatch(/, 1 of 1 image$/);
  });

  test('over draws it tells answers, and what holds in all and in some', () => {
    const random = told(result(8, 0, { draws: 4, robustInAll: 0.1, robustInAny: 0.6 }));
    expect(random['clean accuracy']).toMatch(/, 32 of 40 answers on 10 images$/);
    expect(random['over draws']).toBe('robust in all 4 draws 10.0 % of the images, in some 60.0 %');
    expect(told(result(8, 0, { robustInAll: 0.1 }))['over draws']).toBeUndefined();
    expect(told(result(8, 0, { robustInAny: 0.1 }))['over draws']).toBeUndefined();
    expect(told(result(8, 0, { robustInAll: 0, robustInAny: 0 }))['over draws']).toMatch(
      / 0\.0 % .* 0\.0 %$/,
    );
  });

  test('tells abstentions where the model may abstain', () => {
    const abstained = { clean: 0.01, adversarial: 0.02, robust: 0.3 };
    expect(told(result(8, 0, { abstained }))['abstained']).toBe(
      'on 1.0 % of the clean images, 2.0 % of the attacked ones; robust 30.0 % if it may abstain when attacked',
    );
    expect(told(result(8, 0))['abstained']).toBeUndefined();
  });
});

describe('success', () => {
  test('is of the images right when clean, where there is no target', () => {
    expect(success(result(8, 6))).toEqual({
      name: 'fooled',
      share: '75.0 %',
      count: 6,
      tried: 8,
      targeted: false,
    });
  });

  test('is of all images where one has a target, be it class 0', () => {
    const { samples, ...rest } = result(8, 6);
    const [one, ...others] = samples as [SampleResult];
    const targeted = { ...rest, samples: [{ ...one, target: 0 }, ...others] };
    expect(success(targeted)).toEqual({
      name: 'target reached',
      share: '60.0 %',
      count: 6,
      tried: 10,
      targeted: true,
    });
    expect(told(targeted)['target reached']).toBe('60.0 %, 6 of 10');
  });

  test('over draws counts each draw', () => {
    const { samples, ...rest } = result(8, 0, { draws: 4 });
    const drawn = samples.map((s, i) => ({
      ...s,
      success: true,
      draws: { clean: 0.8, adversarial: 0.5, success: i < 3 ? 0.25 : 0 },
    }));
    expect(success({ ...rest, samples: drawn })).toMatchObject({ count: 3, tried: 32, share: '9.4 %' });
  });

  test('of nothing that could be won is a dash', () => {
    expect(success(result(0, 0))).toMatchObject({ share: '–', count: 0, tried: 0 });
    expect(success(result(1, 0))).toMatchObject({ share: '0.0 %', tried: 1 });
  });
});

describe('cost', () => {
  const cost = (asked: Partial<typeof nothing>, confirmations = 0): string =>
    costText({ ...attackResult(), seconds: 2, confirmations, asked: { ...nothing, ...asked } });

  test('tells each kind of question that was asked, one or many', () => {
    expect(cost({ gradients: 1, scores: 1, decisions: 1 }, 1)).toBe(
      '2.00 s, 1 gradient, 1 answer with scores, 1 decision, 1 confirmation',
    );
    expect(cost({ gradients: 2000, scores: 2, decisions: 2 }, 2)).toBe(
      '2.00 s, 2,000 gradients, 2 answers with scores, 2 decisions, 2 confirmations',
    );
    expect(cost({ scores: 3 })).toBe('2.00 s, 3 answers with scores');
  });

  test('says where nothing was asked', () => {
    expect(cost({})).toBe('2.00 s, nothing asked');
    expect(cost({}, 3)).toBe('2.00 s, nothing asked, 3 confirmations');
  });
});

describe('how the images lie', () => {
  const spread = (samples: Partial<SampleResult>[], more: Partial<AttackResult> = {}) =>
    Object.fromEntries(
      attackSpread({
        ...attackResult(),
        ...more,
        samples: samples.map((s) => ({ ...sample, ...s })),
      }).map(({ name, values }) => [name, values]),
    );

  test('smallest, median and largest, in any order of the images', () => {
    const found = spread([
      { linf: 8 / 255, l2: 1, margin: 5, asked: { decisions: 1, scores: 2, gradients: 3 } },
      { linf: 2 / 255, l2: 3, margin: -1, asked: { decisions: 1000, scores: 200, gradients: 34 } },
      { linf: 7 / 255, l2: 2, margin: 0.125, asked: { ...nothing, scores: 9 } },
    ]);
    expect(found).toEqual({
      'change, linf in 1/255': ['2.0', '7.0', '8.0'],
      'change, l2': ['1.000', '2.000', '3.000'],
      'largest less second logit': ['-1.00', '0.13', '5.00'],
      questions: ['6', '9', '1,234'],
    });
  });

  test('of two images the median lies between', () => {
    expect(spread([{ linf: 0 }, { linf: 1 / 255 }])['change, linf in 1/255']).toEqual(['0.0', '0.5', '1.0']);
    expect(spread([{ asked: nothing }, { asked: { ...nothing, scores: 3 } }])['questions']).toEqual([
      '0',
      '2',
      '3',
    ]);
  });

  test('tells the distance in its own norm first, where that is neither linf nor l2', () => {
    const names = (norm: AttackResult['norm']): string[] =>
      Object.keys(spread([{ distance: 12.3456 }], { norm })).slice(0, 2);
    expect(names('linf')).toEqual(['change, linf in 1/255', 'change, l2']);
    expect(names('l2')).toEqual(['change, linf in 1/255', 'change, l2']);
    expect(names('l1')[0]).toBe('change, l1');
    expect(names('l0')[0]).toBe('change, l0 in pixels');
    expect(names('l0-entries')[0]).toBe('change, l0 in entries');
    expect(spread([{ distance: 12.3456 }], { norm: 'l1' })['change, l1']).toEqual([
      '12.35',
      '12.35',
      '12.35',
    ]);
  });

  test('leaves out what could not be measured', () => {
    const found = spread([{ margin: Number.NaN }, { margin: 2 }, { margin: Number.POSITIVE_INFINITY }]);
    expect(found['largest less second logit']).toEqual(['2.00', '2.00', '2.00']);
    expect(spread([{ margin: Number.NaN }])['largest less second logit']).toBeUndefined();
    expect(spread([])).toEqual({});
  });
});

describe('points of a curve', () => {
  const points = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ epsilon: i, robustAccuracy: 1 - i / count }));
  const shown = (count: number): number[] =>
    curvePoints({ ...attackResult(), curve: points(count) }).map((p) => p.epsilon);

  test('are none where there is no curve, or one of a single point', () => {
    expect(curvePoints(attackResult())).toEqual([]);
    expect([shown(0), shown(1), shown(2)]).toEqual([[], [], [0, 1]]);
  });

  test('are all up to twelve, then twelve evenly from the first to the last', () => {
    expect(shown(12)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(shown(13)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
    expect(shown(23)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
  });
});
