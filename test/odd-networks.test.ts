import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fgsm } from '../src/attacks/index.ts';
import { type AttackOutcome, attack } from '../src/judge/index.ts';
import { type Classifier, loadModel } from '../src/models/index.ts';
import { type Hosts, openHosts } from '../src/runtime/index.ts';
import { rows, takeRows } from '../src/tensor/index.ts';
import { answersIn, type Grounds, openGrounds, smallRulesWith } from './grounds.ts';
import { nanFrom, oddNetworks, writeOddNetworks } from './odd-networks.ts';
import { classes } from './small-arena.ts';

// Networks that have made figures wrong: each gives the right ones and a flag, in single attacks and in tournaments,
// whatever the batch and the number of hosts.

let grounds: Grounds;
let single: Hosts;
let given: Awaited<ReturnType<Grounds['images']>>;
const models = new Map<string, Classifier>();
/** A single attack on each network, over all images. */
const whole = new Map<string, AttackOutcome>();

beforeAll(async () => {
  grounds = await openGrounds();
  single = openHosts({ count: 1, kind: 'thread' });
  given = await grounds.images();
  await writeOddNetworks(grounds.root);
  for (const name of ['one', ...oddNetworks]) {
    models.set(name, await loadModel(join(grounds.root, `${name}.onnx`)));
    whole.set(name, await attacked(name, grounds.hosts));
  }
});
afterAll(async () => {
  for (const model of models.values()) await model.release();
  await single.close();
  await grounds[Symbol.asyncDispose]();
});

const all = Array.from({ length: 24 }, (_, i) => i);

function attacked(name: string, hosts: Hosts, which: readonly number[] = all): Promise<AttackOutcome> {
  return attack(models.get(name) as Classifier, fgsm, {
    images: takeRows(given.images, which),
    ids: which.map((i) => given.ids[i] as string),
    labels: which.map((i) => given.labels[i] as number),
    epsilon: 8 / 255,
    draws: 3,
    seed: 7,
    hosts,
  });
}

/** Share of the draws in which it is answered with another class; a row that abstains does so in every draw here. */
function errorOf({ draws, adversarial, label }: AttackOutcome['samples'][number]): number {
  if (adversarial < 0) return 0;
  return draws === undefined ? Number(adversarial !== label) : 1 - draws.adversarial;
}

const of = (name: string): AttackOutcome => whole.get(name) as AttackOutcome;
const levelsOf = (t: { bytes?: AttackOutcome['adversarial']['bytes'] }, i: number): Uint8Array =>
  rows(t.bytes as NonNullable<typeof t.bytes>, i, i + 1).data;
const codes = (name: string): string[] => of(name).flags.map((f) => f.code);

describe('a network whose logits are NaN for some images', () => {
  const nan = (levels: Uint8Array): boolean => (levels[0] as number) >= nanFrom;

  test('abstains there, and answers the others as without them', () => {
    const [odd, plain] = [of('nan'), of('one')];
    const clean = all.map((i) => nan(rows(given.images, i, i + 1).data));
    expect(clean.filter(Boolean).length).toBeGreaterThan(4);
    for (const i of all) {
      const levels = levelsOf(plain.adversarial, i);
      const found = plain.samples[i] as (typeof plain.samples)[number];
      // Without a gradient the image stays; with one it is that of the network alone.
      const [expected, answers] =
        clean[i] === true
          ? [rows(given.images, i, i + 1).data, { clean: -1, adversarial: -1, success: false }]
          : [levels, { clean: found.clean, adversarial: nan(levels) ? -1 : found.adversarial }];
      expect(levelsOf(odd.adversarial, i)).toEqual(expected);
      expect(odd.samples[i]).toMatchObject(answers);
    }
    const right = odd.samples.filter((s) => s.clean === s.label).length;
    expect(odd.cleanAccuracy).toBe(right / 24);
    expect(odd.abstained?.clean).toBe(clean.filter(Boolean).length / 24);
  });

  test('says so', () => {
    const clean = of('nan').samples.filter((s) => s.clean < 0).length;
    const adversarial = of('nan').samples.filter((s) => s.adversarial < 0).length;
    expect(of('nan').flags).toEqual([
      {
        code: 'GRADIENT_NOT_FINITE',
        message: `nan gave gradients that are not finite for ${clean} of 24 images: such entries counted as 0.`,
      },
      {
        code: 'NAN_ANSWERS',
        message: `nan answered ${Math.max(clean, adversarial)} of 24 images with scores that are not numbers: it counts as abstaining there.`,
      },
    ]);
  });
});

test('a network that couples its rows answers as though each were alone', () => {
  const answers = (name: string): unknown => of(name).samples.map((s) => [s.clean, s.adversarial, s.linf]);
  expect(answers('coupled')).toEqual(answers('halved'));
  expect([codes('coupled'), codes('halved')]).toEqual([['BATCH_COUPLED'], []]);
});

test('where a gradient is not finite its pixels alone stay', () => {
  const [odd, plain] = [of('infinite'), of('one')];
  let black = 0;
  for (const i of all) {
    const clean = rows(given.images, i, i + 1).data;
    if (clean.includes(0)) black++;
    const expected = levelsOf(plain.adversarial, i).map((v, k) => (clean[k] === 0 ? 0 : v));
    expect(levelsOf(odd.adversarial, i)).toEqual(expected);
  }
  expect(black).toBeGreaterThan(4);
  expect(odd.robustAccuracy).toBe(plain.robustAccuracy);
  expect(odd.flags).toEqual([
    {
      code: 'GRADIENT_NOT_FINITE',
      message: `infinite gave gradients that are not finite for ${black} of 24 images: such entries counted as 0.`,
    },
  ]);
});

test('a network whose largest logit overflows answers with it, and says that gradients are none', () => {
  const bright = (image: Uint8Array): boolean => (image[0] as number) >= nanFrom;
  const [odd, plain] = [of('overflown'), of('one')];
  for (const i of all) {
    const found = odd.samples[i] as (typeof odd.samples)[number];
    const clean = bright(rows(given.images, i, i + 1).data);
    expect(found.clean).toBe(clean ? 0 : plain.samples[i]?.clean);
    expect(found.adversarial === 0 || !bright(levelsOf(odd.adversarial, i))).toBe(true);
  }
  const count = odd.samples.filter((_, i) => bright(levelsOf(odd.adversarial, i))).length;
  expect(count).toBeGreaterThan(4);
  expect(odd.flags.map((f) => f.message)).toContainEqual(
    expect.stringContaining(`answered ${count} of 24 images with a score of infinity`),
  );
  expect(codes('overflown')).toEqual(['GRADIENT_NOT_FINITE', 'INFINITE_SCORES']);
});

test('a class that is ruled out is told of where it is the label alone', () => {
  const [odd, plain] = [of('masked'), of('one')];
  // The loss of a label that cannot be answered is infinite.
  const lost = all.filter((i) => given.labels[i] === classes - 1).length;
  expect(odd.flags.map((f) => f.message)).toEqual([
    `masked gave gradients that are not finite for ${lost} of 24 images: such entries counted as 0.`,
  ]);
  const free = all.filter((i) => {
    const s = plain.samples[i] as (typeof plain.samples)[number];
    return ![s.label, s.clean, s.adversarial].includes(classes - 1);
  });
  expect(free.length).toBeGreaterThan(12);
  expect(odd.samples.every((s) => s.clean !== classes - 1 && s.adversarial !== classes - 1)).toBe(true);
  expect(free.filter((i) => odd.samples[i]?.clean !== plain.samples[i]?.clean)).toEqual([]);
});

test('a network with Dropout left on is judged over draws', () => {
  const { samples, draws } = of('dropout');
  expect(draws).toBe(3);
  expect(samples.some((s) => s.draws !== undefined && s.draws.clean % 1 !== 0)).toBe(true);
  expect(codes('dropout')).toEqual(['RANDOM']);
});

describe.each(oddNetworks)('%s', (name) => {
  test('gives the same figures in any batch and on any number of hosts', async () => {
    expect((await attacked(name, single)).samples).toEqual(of(name).samples);
    for (const hosts of [single, grounds.hosts])
      for (const which of [[3], [20, 3], [11, 0, 22, 7, 3, 15, 9]])
        expect((await attacked(name, hosts, which)).samples).toEqual(which.map((i) => of(name).samples[i]));
  });

  test('gives them in tournaments too, and its flags', async () => {
    const rules = (size: number) =>
      smallRulesWith({
        draws: 3,
        batch: { size, seconds: 60 },
        models: { [name]: `${name}.onnx`, one: 'one.onnx' },
        attacks: {
          fast: { attack: 'fgsm', sources: name },
          asking: { attack: 'fgsm', opponent: 'gradient' },
        },
        defenses: { odd: { model: name }, one: { model: 'one' } },
      });
    const { samples, robustAccuracy } = of(name);
    for (const [size, hosts] of [
      [24, grounds.hosts],
      [5, single],
    ] as const) {
      const held = await grounds.hold(`${name}-${size}`, rules(size), hosts);
      const lines = await answersIn(held);
      const told = (attack: string): unknown =>
        lines
          .filter((l) => l.attack === attack && l.defense === 'odd')
          .map((l) => [l.answer, Number(l.distance)]);
      const expected = samples.map((s) => [s.adversarial < 0 ? '' : String(s.adversarial), s.distance]);
      expect(told('fast')).toEqual(expected);
      expect(told('asking')).toEqual(expected);
      const clean = samples.map((s) => [s.clean < 0 ? '' : String(s.clean), 0]);
      expect(told('')).toEqual(clean);
      const cell = held.result.cells.find((c) => c.attack === 'fast' && c.defense === 'odd');
      const right = samples.reduce(
        (n, s) => n + (s.draws?.adversarial ?? Number(s.adversarial === s.label)),
        0,
      );
      expect(cell?.accuracy).toBeCloseTo(right / 24, 12);
      // Of a random model both are the share that is right when attacked; thirds are summed in another order.
      const least = name === 'dropout' ? (cell?.accuracy as number) : 0;
      expect(Math.abs(Math.max(least, robustAccuracy) - robustAccuracy)).toBeLessThan(1e-12);
      expect((cell?.accuracy as number) + 1e-12).toBeGreaterThanOrEqual(robustAccuracy);
      // An abstention is no error.
      const wrong = samples.reduce((n, s) => n + errorOf(s), 0);
      expect(cell?.error).toBeCloseTo(wrong / 24, 12);
      const { flags } = held.result;
      expect([...new Set(flags.map((f) => f.code))].toSorted()).toEqual(codes(name).toSorted());
      const gradients = (all: typeof flags): string[] =>
        all.filter((f) => f.code === 'GRADIENT_NOT_FINITE').map((f) => f.message);
      expect(gradients(flags).filter((m) => m.startsWith('fast at'))).toEqual(
        gradients(of(name).flags).map((m) => `fast at 8/255: ${m}`),
      );
    }
  });
});
