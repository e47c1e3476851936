import { describe, expect, test } from 'vitest';
import type { Json, StepRecord } from '../runs/index.ts';
import { bootstrap, estimate } from './bootstrap.ts';
import { type BoardRow, type Rules, type RunFile, scoresOf } from './index.ts';
import { type ArenaStep, planOf } from './plan.ts';

/**
 * The worked example of the scoring page: four images in two batches, labels 1 to 4, targets 5 to 8. a2 never made
 * image 4, t1 crashed on the second batch, d2 gave no answer for t1's second image.
 */
const answers: Record<string, Record<string, (number | null)[]>> = {
  a1: { d1: [1, 9, 3, 9], d2: [9, 9, 3, 4] },
  a2: { d1: [1, 2, 9, 4], d2: [1, 2, 3, 9] },
  t1: { d1: [5, 2, 3, 4], d2: [5, null, 3, 9] },
};
const clean: Record<string, number[]> = { d1: [1, 2, 3, 4], d2: [1, 2, 3, 9] };
const missing: Record<string, number[]> = { a1: [], a2: [3], t1: [2, 3] };

const rules: Rules = {
  name: 'worked example',
  seed: 1,
  norm: 'linf',
  epsilons: [8 / 255],
  epsilonPerBatch: 'all',
  dataset: { images: 'images' },
  batch: { size: 2, seconds: 1 },
  models: { d1: { file: 'd1.onnx' }, d2: { file: 'd2.onnx' } },
  attacks: ['a1', 'a2', 't1'].map((name) => ({
    name,
    attack: 'fgsm',
    options: { name },
    through: [],
    goal: name === 't1' ? 'targeted' : 'untargeted',
    labels: 'true',
    ...(name === 'a2' ? {} : { source: { model: 'd1', chain: [] } }),
    baseline: false,
  })),
  defenses: ['d1', 'd2'].map((name) => ({ name, model: name, chain: [], baseline: false })),
  comparisons: [{ title: 'a1 above a2', above: ['a1'], below: ['a2'], on: ['d1', 'd2'] }],
  examples: 2,
};

const run: RunFile = {
  format: 1,
  rules,
  dataset: {
    name: 'four',
    channels: 3,
    height: 1,
    width: 1,
    labelOffset: 0,
    classes: 10,
    images: [1, 2, 3, 4].map((label) => ({
      id: `i${label}`,
      label,
      target: label + 4,
      pixels: `clean${label}`,
    })),
  },
  models: { d1: [{ onnx: 'one', sidecar: null }], d2: [{ onnx: 'two', sidecar: null }] },
  versions: { advarena: 'test' },
};

/** Records as if the steps had been done, by asking the plan what comes next. */
function recordsOf(of: RunFile): Map<string, StepRecord> {
  const plan = planOf(of);
  const records = new Map<string, StepRecord>();
  const ids = of.dataset.images.map((i) => i.id);
  const add = ({ id, kind, definition, inputs }: ArenaStep, outcome: unknown, outputs = {}): void => {
    records.set(id, {
      id,
      kind,
      definition,
      inputs,
      outcome: outcome as Json,
      outputs,
      observed: { seconds: 2 },
    });
  };
  for (const step of plan.images) {
    if (step.work.kind !== 'images') throw new Error('not a step of clean images');
    add(step, null, Object.fromEntries(step.work.batch.images.map(({ id }) => [id, `png of ${id}`])));
  }
  for (const defense of of.rules.defenses)
    for (const batch of plan.batches)
      add(plan.clean(defense, batch), {
        status: 'ok',
        flags: [],
        classes: clean[defense.name]?.slice(batch.from, batch.to),
      });
  for (const slot of plan.attacks) {
    const rows = ids.slice(slot.batch.from, slot.batch.to).map((id, i) => ({ id, row: slot.batch.from + i }));
    const made = rows.filter(({ row }) => !missing[slot.attack.name]?.includes(row));
    add(
      slot.step,
      {
        status: made.length === 0 ? 'crashed' : 'ok',
        flags: [],
        outside: 0,
        dead: slot.attack.name === 'a1' ? 1 : 0,
        ...(made.length === 0 ? { message: 'The host of the work died.' } : {}),
        images: rows.map((r) =>
          made.includes(r)
            ? {
                pixels: `${slot.attack.name} ${r.id} ${slot.epsilon}`,
                distance: 8 / 255,
                queries: 0,
                gradients: 1,
              }
            : null,
        ),
      },
      Object.fromEntries(made.map(({ id }) => [id, `png of ${id} by ${slot.attack.name}`])),
    );
    const record = records.get(slot.step.id) as StepRecord;
    for (const defense of of.rules.defenses)
      add(plan.defend(defense, slot, record), {
        status: 'ok',
        flags: [],
        classes: answers[slot.attack.name]?.[defense.name]?.slice(slot.batch.from, slot.batch.to),
      });
  }
  expect(plan.next(records)).toEqual([]);
  return records;
}

const figures = (rows: readonly BoardRow[] = []): unknown =>
  Object.fromEntries(
    rows.map((r) => [
      r.name,
      [r.score.value, r.worst.value, r.worst.opponent, r.perImageWorst.value, r.coverage],
    ]),
  );

describe('the worked example', () => {
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
        message: 'a1 at 8/255: d1 gave a gradient of zero for 2 of 4 images: it may mask its gradients.',
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
    const defense = rules.defenses[0];
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
    const cycled = {
      ...run,
      rules: { ...rules, epsilons: [4 / 255, 8 / 255], epsilonPerBatch: 'cycle' as const },
    };
    const scored = scoresOf(cycled, recordsOf(cycled));
    expect(
      figures(scored.boards.find((b) => b.threat === 'all' && b.epsilon === undefined)?.defenses),
    ).toEqual(figures(all?.defenses));
    expect(scored.cells.map((c) => c.images)).toEqual(Array.from({ length: 12 }, () => 2));
  });
});

describe('bootstrap', () => {
  test('has the interval of a share', () => {
    const count = 400;
    const boot = bootstrap(count, 3);
    const values = Uint8Array.from({ length: count }, (_, i) => Number(i % 4 === 0));
    const { value, low, high } = estimate(boot.sums(values).map((sum) => sum / count));
    expect(value).toBe(0.25);
    // Normal approximation: 1.96 standard errors of 0.02165; the tolerance is that of 2000 resamples.
    expect(low).toBeCloseTo(0.25 - 0.0424, 1.9);
    expect(high).toBeCloseTo(0.25 + 0.0424, 1.9);
  });

  test('is paired: figures of one image never differ', () => {
    const boot = bootstrap(50, 1);
    const values = Uint8Array.from({ length: 50 }, (_, i) => i % 2);
    const [a, b] = [boot.sums(values), boot.sums(values)];
    expect(estimate(a.map((v, i) => v - (b[i] as number)))).toEqual({ value: 0, low: 0, high: 0 });
    expect(new Set(a).size).toBeGreaterThan(5);
  });
});
