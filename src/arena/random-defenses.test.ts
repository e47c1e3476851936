import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Grounds, type Held, openGrounds, smallRulesWith } from '../../test/grounds.ts';
import { holdsAny, noting } from '../../test/walk.ts';
import { noop } from '../attacks/index.ts';
import { defend, randomResize } from '../defenses/index.ts';
import { attack, nameOf, roleSeed, secretOf } from '../judge/index.ts';
import { loadModel } from '../models/index.ts';
import { openStoreReadOnly, readRun, type StepRecord } from '../runs/index.ts';
import { openHosts } from '../runtime/index.ts';
import type { DefendOutcome, RunFile } from './index.ts';
import { type ArenaStep, planOf } from './plan.ts';
import type { RulesInput } from './schema.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
});
afterAll(() => grounds[Symbol.asyncDispose]());

const options = { from: 6, to: 12 };
const rules = (change: Partial<RulesInput> = {}): RulesInput =>
  smallRulesWith({
    draws: 3,
    attacks: {
      told: { attack: 'fgsm', sources: 'two' },
      // Of the images that its source answers rightly it makes the same.
      guessing: { attack: 'fgsm', sources: 'two', labels: 'predicted' },
      inside: { attack: 'fgsm', opponent: 'gradient' },
    },
    defenses: { random: { model: 'one', chain: [{ name: 'random-resize', options }] } },
    ...change,
  });

/** Every question to a defense that was answered: the pixels of its rows, and per row the answers in all draws. */
async function asked({ out }: Held): Promise<{ pixels: string; answers: string }[][]> {
  const store = await openStoreReadOnly(out);
  const records = await store.records();
  const run = (await readRun(out)) as unknown as RunFile;
  const plan = planOf(run);
  const [defense] = run.rules.defenses;
  if (defense === undefined) throw new Error('there is no defense');
  const questions = new Map<string, ArenaStep>();
  const add = (step: ArenaStep): unknown => questions.set(step.id, step);
  for (const batch of plan.batches) add(plan.clean(defense, batch));
  for (const slot of plan.attacks) add(plan.defend(defense, slot, records.get(slot.step.id) as StepRecord));
  return [...questions.values()].map((step) => {
    const { outcome } = records.get(step.id) as StepRecord;
    const { classes } = outcome as unknown as DefendOutcome;
    const { work } = step;
    return work.kind !== 'defend'
      ? []
      : work.rows.map(({ pixels }, i) => ({ pixels, answers: classes.map((draw) => draw[i]).join() }));
  });
}

describe('a random defense', () => {
  test('answers the same pixels alike, whichever attack made them, in any batch and on any number of hosts', async () => {
    await using one = openHosts({ count: 1, kind: 'thread' });
    const held = [
      await grounds.hold('eights', rules()),
      await grounds.hold('fives', rules({ batch: { size: 5, seconds: 60 } })),
      await grounds.hold('alone', rules({ batch: { size: 24, seconds: 60 } }), one),
    ];
    const answers = new Map<string, Set<string>>();
    const times = new Map<string, number>();
    for (const questions of await Promise.all(held.map(asked)))
      for (const { pixels, answers: own } of questions.flat()) {
        answers.set(pixels, (answers.get(pixels) ?? new Set()).add(own));
        times.set(pixels, (times.get(pixels) ?? 0) + 1);
      }
    // Asked about in three runs, and in each in two questions that are otherwise different ones.
    expect([...times.values()].filter((n) => n >= 6).length).toBeGreaterThan(5);
    expect([...answers.values()].filter((a) => a.size > 1)).toEqual([]);
    // The draws of one image are different ones.
    expect([...answers.values()].flatMap((a) => [...a]).some((a) => new Set(a.split(',')).size > 1)).toBe(
      true,
    );
  });

  test('answers as in a single attack of the same seed', async () => {
    const held = await grounds.hold('same', rules({ attacks: { nothing: { attack: 'noop' } } }));
    const model = defend(await loadModel(join(grounds.root, 'one.onnx')), randomResize, options);
    const { images, ids, labels } = await grounds.images();
    const alone = await attack(model, noop, {
      images,
      labels,
      ids,
      epsilon: 8 / 255,
      seed: 7,
      draws: 3,
      hosts: grounds.hosts,
    });
    await model.release();
    const [first] = (await asked(held)).map((rows) => rows.map((row) => Number(row.answers.split(',')[0])));
    expect(first).toEqual(alone.samples.slice(0, 8).map((s) => s.clean));
    expect(held.result.cells[0]?.accuracy).toBeCloseTo(alone.robustAccuracy, 12);
    expect(held.result.cells[0]?.accuracy).not.toBe(
      alone.samples.filter((s) => s.clean === s.label).length / 24,
    );
  });
});

test('neither jobs nor definitions hold the seed or the secret, and no job of an attack a name', async () => {
  const seed = 987_654_321;
  const secret = secretOf(seed);
  const hosts = noting(grounds.hosts);
  const held = await grounds.hold('sealed', rules({ seed }), hosts);
  const run = (await readRun(held.out)) as unknown as RunFile;
  const names = run.dataset.images.map(({ pixels }) => nameOf(secret, pixels));
  const of = (name: string): unknown[] => hosts.jobs.filter((job) => job.name === name);
  // Three batches: clean images, and what three attacks made of them; of one batch two made the same.
  expect([of('attack').length, of('predict').length]).toEqual([9, 11]);
  expect(holdsAny(hosts.jobs, [seed, secret])).toBe(false);
  expect(holdsAny(of('attack'), names)).toBe(false);
  expect(names.every((name) => holdsAny(of('predict'), [name]))).toBe(true);
  expect(holdsAny(of('attack'), [roleSeed(seed, 'attack')])).toBe(true);
  expect(holdsAny(of('predict'), [roleSeed(seed, 'attack')])).toBe(false);

  const store = await openStoreReadOnly(held.out);
  const definitions = [...(await store.records()).values()].map((record) => record.definition);
  expect(definitions).toHaveLength(3 + 9 + 11);
  expect(holdsAny(definitions, [seed, secret, ...names])).toBe(false);
});
