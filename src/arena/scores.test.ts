import { describe, expect, test } from 'vitest';
import {
  attackRule,
  figures,
  recordsOf,
  rules,
  runWith,
  type Story,
  story,
} from '../../test/worked-example.ts';
import type { StepRecord } from '../runs/index.ts';
import { scoresOf } from './index.ts';
import { planOf } from './plan.ts';
import type { AttackRule, DefenseRule } from './rules.ts';

describe('the worked example', () => {
  const run = runWith();
  const records = recordsOf(run);
  const result = scoresOf(run, records);
  const all = result.boards.find((b) => b.threat === 'all');

  test('attacks: absent images count nothing', () => {
    expect(figures(all?.untargeted)).toEqual({
      a1: [0.5, 0.5, 'd1', 0.25, 1],
      a2: [0.125, 0, 'd2', 0, 0.75],
    });
    expect(figures(all?.targeted)).toEqual({ t1: [0.25, 0.25, 'd1', 0.25, 0.5] });
  });

  test('defenses: the clean image stands in', () => {
    expect(figures(all?.defenses)).toEqual({
      d1: [8 / 12, 0.5, 'a1', 0, 1],
      d2: [0.5, 0.25, 't1', 0.25, 11 / 12],
    });
    expect(all?.defenses.map((r) => [r.rank, r.name, r.cleanAccuracy?.value, r.medianSeconds])).toEqual([
      [1, 'd1', 1, 2],
      [2, 'd2', 0.75, 2],
    ]);
  });

  test('threat models are shown apart', () => {
    const board = (threat: string) => result.boards.find((b) => b.threat === threat);
    expect(figures(board('white box')?.untargeted)).toEqual({ a1: [0.5, 0.5, 'd1', 0.5, 1] });
    expect(figures(board('white box')?.defenses)).toEqual({ d1: [0.625, 0.5, 'a1', 0.25, 1] });
    expect(Object.keys(figures(board('transfer')?.untargeted) as object)).toEqual(['a1', 'a2']);
    expect(
      result.cells.filter((c) => c.threat === 'white box').map((c) => `${c.attack} ${c.defense}`),
    ).toEqual(['a1 d1', 't1 d1']);
  });

  test('comparisons, examples and flags', () => {
    expect(result.comparisons[0]).toMatchObject({
      aboveScore: 0.5,
      belowScore: 0.125,
      difference: { value: 0.375 },
    });
    expect(result.examples.map((e) => [e.id, e.attack, e.clean, e.adversarial, e.target])).toEqual([
      ['i2', 'a1', 'png of i2', 'png of i2 by a1', undefined],
      ['i1', 't1', 'png of i1', 'png of i1 by t1', 5],
    ]);
    expect(result.flags).toEqual([
      {
        code: 'ZERO_GRADIENT',
        message:
          'a1 at 8/255: d1 gave a gradient of zero for 2 of 4 images: it is so sure there that the loss is flat (pgd with loss=margin or loss=carlini-wagner goes on), saturates within, is piecewise constant, as decision trees and rounding are, or hides its gradients (attack by scores or decisions).',
      },
      {
        code: 'ATTACK_FAILED',
        message:
          't1 at 8/255, batch 2: crashed, no images: clean ones stand in, and count nothing for it. The host of the work died.',
      },
    ]);
  });

  test('an attack that made nothing shares the clean answers', () => {
    const plan = planOf(run);
    const failed = plan.attacks.find((s) => s.attack.name === 't1' && s.batch.index === 1);
    const defense = run.rules.defenses[0];
    if (failed === undefined || defense === undefined) throw new Error('no such step');
    expect(plan.defend(defense, failed, records.get(failed.step.id) as StepRecord).id).toBe(
      plan.clean(defense, failed.batch).id,
    );
  });

  test('an unfinished run is scored as far as it is', () => {
    const some = new Map([...records].filter(([, r]) => r.kind !== 'defend'));
    const partial = scoresOf(run, some);
    expect(partial.boards).toEqual([]);
    expect(partial.flags.map((f) => f.code)).toEqual(['UNFINISHED', 'ZERO_GRADIENT', 'ATTACK_FAILED']);
  });

  test('one epsilon per batch in turn', () => {
    const cycled = runWith({ epsilons: [4 / 255, 8 / 255], epsilonPerBatch: 'cycle' });
    const scored = scoresOf(cycled, recordsOf(cycled));
    expect(
      figures(scored.boards.find((b) => b.threat === 'all' && b.epsilon === undefined)?.defenses),
    ).toEqual(figures(all?.defenses));
    expect(scored.cells.map((c) => c.images)).toEqual(Array.from({ length: 12 }, () => 2));
  });
});

describe('an attack that asks the defense that it meets', () => {
  const told: Story = {
    clean: story.clean,
    attacks: {
      guided: { answers: { d1: [[9, 2, 3, 4]], d2: [[1, 9, 9, 9]] }, zero: 1 },
      inside: { answers: { d1: [[1, 2, 9, 4]], d2: [[1, 2, 3, 9]] }, notFinite: 2, missing: [0, 1] },
    },
  };
  const attacks = [
    attackRule('guided', { opponent: 'scores' }),
    attackRule('inside', { opponent: 'gradient', sources: [] }),
  ];
  const run = runWith({ attacks, comparisons: [], examples: 4 });
  const result = scoresOf(run, recordsOf(run, told));

  test('has a threat model and images of its own for each', () => {
    expect(
      planOf(run)
        .attacks.map((slot) => slot.step.label)
        .slice(0, 2),
    ).toEqual(['guided, batch 1, 8/255, against d1', 'guided, batch 1, 8/255, against d2']);
    expect(result.cells.map((c) => [c.attack, c.defense, c.threat, c.error])).toEqual([
      ['guided', 'd1', 'white box', 1 / 4],
      ['guided', 'd2', 'queries', 3 / 4],
      ['inside', 'd1', 'white box', 1 / 4],
      ['inside', 'd2', 'white box', 1 / 4],
    ]);
    // Each example is answered by the one defense for which it was made.
    expect(result.examples.map((e) => [e.adversarial, e.answers.map((a) => a.defense)])).toEqual([
      ['png of i1 by guided against d1', ['d1']],
      ['png of i3 by inside against d1', ['d1']],
      ['png of i2 by guided against d2', ['d2']],
      ['png of i3 by guided against d2', ['d2']],
    ]);
  });

  test('is warned of by the defense that it met, and by the models whose gradients it had', () => {
    expect(result.flags.map((f) => f.message)).toEqual([
      'guided at 8/255 against d1: d1 gave a gradient of zero for 2 of 4 images: it is so sure there that the loss is flat (pgd with loss=margin or loss=carlini-wagner goes on), saturates within, is piecewise constant, as decision trees and rounding are, or hides its gradients (attack by scores or decisions).',
      'guided at 8/255 against d2: d1 gave a gradient of zero for 2 of 4 images: it is so sure there that the loss is flat (pgd with loss=margin or loss=carlini-wagner goes on), saturates within, is piecewise constant, as decision trees and rounding are, or hides its gradients (attack by scores or decisions).',
      'inside at 8/255 against d1, batch 1: crashed, no images: clean ones stand in, and count nothing for it. The host of the work died.',
      'inside at 8/255 against d1: d1 gave gradients that are not finite for 4 of 4 images: such entries counted as 0.',
      'inside at 8/255 against d2, batch 1: crashed, no images: clean ones stand in, and count nothing for it. The host of the work died.',
      'inside at 8/255 against d2: d2 gave gradients that are not finite for 4 of 4 images: such entries counted as 0.',
    ]);
  });
});

describe('several draws', () => {
  // d1 is random: of two draws it is right about image 2 when clean in one, and under a1 about 1 in both, 3 in one.
  const told: Story = {
    clean: {
      ...story.clean,
      d1: [
        [1, 2, 3, 4],
        [1, 9, 3, 4],
      ],
    },
    attacks: {
      a1: {
        answers: {
          d1: [
            [1, 9, 3, 9],
            [1, 9, 9, null],
          ],
          d2: [[9, 9, 3, 4]],
        },
      },
      t1: {
        answers: {
          d1: [
            [5, 2, 7, 4],
            [5, 6, 3, null],
          ],
          d2: [[1, 2, 3, 9]],
        },
      },
    },
  };
  const run = runWith({
    draws: 2,
    attacks: [attackRule('a1'), attackRule('t1', { goal: 'targeted' })],
    comparisons: [],
  });
  const result = scoresOf(run, recordsOf(run, told));
  const all = result.boards.find((b) => b.threat === 'all');

  test('count as shares of an image', () => {
    expect(result.cells.map((c) => [c.attack, c.defense, c.accuracy, c.error, c.hit])).toEqual([
      ['a1', 'd1', 1.5 / 4, 2 / 4, undefined],
      ['a1', 'd2', 2 / 4, 2 / 4, undefined],
      ['t1', 'd1', 1.5 / 4, 2 / 4, 2 / 4],
      ['t1', 'd2', 3 / 4, 1 / 4, 0],
    ]);
    expect(all?.defenses.find((r) => r.name === 'd1')?.cleanAccuracy?.value).toBe(3.5 / 4);
  });

  test('per image worst needs all of them', () => {
    // a1 fools d1 about image 2 alone in both draws, and d2 about 1 and 2; t1 reaches d1's image 1 in both.
    expect(figures(all?.untargeted)).toMatchObject({ a1: [4 / 8, 2 / 4, 'd1', 1 / 4, 1] });
    expect(figures(all?.targeted)).toMatchObject({ t1: [2 / 8, 0, 'd2', 0, 1] });
    // d1 is right about no image in every draw against both.
    expect(figures(all?.defenses)).toMatchObject({
      d1: [3 / 8, 1.5 / 4, 'a1', 0, 1],
      d2: [5 / 8, 2 / 4, 'a1', 1 / 4, 1],
    });
  });
});

describe('an abstention', () => {
  const told: Story = {
    clean: { d1: [[1, null, 3, 4]], d2: [[1, 2, 3, 4]] },
    attacks: { a1: { answers: { d1: [[null, null, 9, 4]], d2: [[1, 2, 3, 4]] } } },
  };
  const run = runWith({ attacks: [attackRule('a1')], comparisons: [] });
  const result = scoresOf(run, recordsOf(run, told));

  test('is no right answer, no error and no hit, and lowers the coverage', () => {
    expect(result.cells.map((c) => [c.defense, c.accuracy, c.error])).toEqual([
      ['d1', 1 / 4, 1 / 4],
      ['d2', 1, 0],
    ]);
    const [board] = result.boards;
    expect(figures(board?.defenses)).toEqual({
      d1: [1 / 4, 1 / 4, 'a1', 1 / 4, 2 / 4],
      d2: [1, 1, 'a1', 1, 1],
    });
    expect(figures(board?.untargeted)).toEqual({ a1: [1 / 8, 0, 'd2', 0, 1] });
    expect(board?.defenses.find((r) => r.name === 'd1')?.cleanAccuracy?.value).toBe(3 / 4);
  });
});

describe('an attack of minimum norm', () => {
  const epsilons = [4 / 255, 8 / 255, 16 / 255];
  const attacks = [attackRule('a1', { radius: 'minimum' }), attackRule('a2', { sources: [] })];
  const told: Story = {
    clean: { d1: [[1, 2, 3, 9]], d2: [[1, 2, 3, 4]] },
    attacks: {
      // Found at 3, 8, 9 and 20 levels; d2 keeps to the truth about image 2.
      a1: {
        answers: { d1: [[9, 9, 9, 5]], d2: [[9, 2, 9, 9]] },
        distances: [3 / 255, 8 / 255, 9 / 255, 20 / 255],
      },
      a2: { answers: { d1: [[1, 2, 3, 9]], d2: [[1, 2, 3, 4]] } },
    },
  };
  const run = runWith({ epsilons, attacks, comparisons: [] });
  const result = scoresOf(run, recordsOf(run, told));
  const cells = (of: typeof result, figure: 'accuracy' | 'error' | 'images'): unknown =>
    ['d1', 'd2'].map((d) =>
      of.cells.filter((c) => c.attack === 'a1' && c.defense === d).map((c) => c[figure]),
    );

  test('is one step per batch, judged at every epsilon; beyond it the clean answer stands', () => {
    const steps = planOf(run).attacks.filter((slot) => slot.attack.name === 'a1');
    expect(steps.map((slot) => [slot.epsilon, slot.step.label])).toEqual([
      ['free', 'a1, batch 1'],
      ['free', 'a1, batch 2'],
    ]);
    expect(cells(result, 'images')).toEqual([
      [4, 4, 4],
      [4, 4, 4],
    ]);
    expect(cells(result, 'accuracy')).toEqual([
      [2 / 4, 1 / 4, 0],
      [3 / 4, 3 / 4, 2 / 4],
    ]);
    // d1 is wrong about image 4 when clean, and so at every epsilon.
    expect(cells(result, 'error')).toEqual([
      [2 / 4, 3 / 4, 1],
      [1 / 4, 1 / 4, 2 / 4],
    ]);
  });

  test('covers the images that it found within the epsilon', () => {
    const coverage = epsilons.map(
      (epsilon) =>
        result.boards
          .find((b) => b.threat === 'all' && b.epsilon === epsilon)
          ?.untargeted.find((r) => r.name === 'a1')?.coverage,
    );
    expect(coverage).toEqual([1 / 4, 2 / 4, 3 / 4]);
  });

  test('with one epsilon per batch in turn is judged at that of its batch alone', () => {
    const cycled = runWith({
      epsilons: epsilons.slice(0, 2),
      epsilonPerBatch: 'cycle',
      attacks,
      comparisons: [],
    });
    const scored = scoresOf(cycled, recordsOf(cycled, told));
    expect(cells(scored, 'images')).toEqual([
      [2, 2],
      [2, 2],
    ]);
    // Images 1 and 2 at 4/255, 3 and 4 at 8/255.
    expect(cells(scored, 'accuracy')).toEqual([
      [1 / 2, 1 / 2],
      [1 / 2, 1],
    ]);
  });
});

describe('a defense behind stages', () => {
  const stages = (quality: number) => [{ name: 'jpeg', options: { quality } }];
  const [d1, d2] = rules.defenses as [DefenseRule, DefenseRule];
  const told = (a1: Partial<AttackRule>, of: DefenseRule = { ...d1, chain: stages(75) }): string[] => {
    const run = runWith({
      attacks: [attackRule('a1', a1), ...rules.attacks.slice(1, 2)],
      comparisons: [],
      defenses: [of, d2],
    });
    return scoresOf(run, recordsOf(run))
      .flags.filter((f) => f.code === 'BLIND')
      .map((f) => f.message);
  };
  const blind =
    'No attack that opens the network of d1 knew of its jpeg: also its figures of a white box are of blind attacks. Let one of them have d1 under sources, or opponent: gradient.';

  test('is flagged where those that open its network do not know of them', () => {
    expect(told({})).toEqual([blind]);
    expect(told({ sources: [{ model: 'd1', chain: stages(50) }] })).toEqual([blind]);
    expect(
      told({
        sources: [
          { model: 'd2', chain: [] },
          { model: 'd1', chain: [] },
        ],
      }),
    ).toEqual([blind]);
  });

  test('is not where one does, where none opens it, or where there are no stages', () => {
    expect(told({ sources: [{ model: 'd1', chain: stages(75) }] })).toEqual([]);
    expect(told({ sources: [], opponent: 'gradient' })).toEqual([]);
    expect(told({ sources: [{ model: 'd2', chain: [] }] })).toEqual([]);
    expect(told({}, d1)).toEqual([]);
  });
});
