import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Attack, attackMargins, attacks, presets } from '../../src/attacks/index.ts';
import { asked, type Classifier, scoresOf } from '../../src/models/index.ts';
import { clone, type Images, limitOf, type Norm, tensor } from '../../src/tensor/index.ts';
import { runAttack } from '../run-attack.ts';
import {
  assignment,
  count,
  drawing,
  ids,
  images,
  labels,
  type Making,
  make,
  partiesFor,
  radius,
  row,
  size,
  small,
  targets,
  twoClasses,
  weights,
} from './world.ts';

/** A preset as it is written. */
interface WrittenPreset {
  through?: { name: string; options?: Record<string, unknown> }[];
  parts: { attack: string; options?: Record<string, unknown> }[];
}

const presetFolder = path.join(import.meta.dirname, '../../src/attacks/presets');

/** Presets of one part: an attack with options, behind views. */
const variants: { name: string; written: WrittenPreset }[] = presets.all
  .map(({ name }) => ({
    name,
    written: parse(readFileSync(path.join(presetFolder, `${name}.yaml`), 'utf8')) as WrittenPreset,
  }))
  .filter(({ written }) => written.parts.length === 1);

const find = (name: string): Attack => attacks.find(name);

/** What an attack makes of the images with these options, behind these views. */
async function made(
  name: string,
  options: Record<string, unknown>,
  change: Parameters<typeof assignment>[1] = {},
  making: Making = {},
): Promise<Float32Array> {
  const given = assignment(find(name), { goal: 'untargeted', ...change });
  return (await make(find(name), given, { options, ...making })).images.data;
}

async function margins(model: Classifier, x: Images, classes: Int32Array): Promise<Float64Array> {
  return attackMargins(scoresOf(await model.answers(asked(x, ids))), { kind: 'untargeted', classes });
}

test.for(['linf', 'l2'] as const)('one step of bim is fgsm (%s)', async (norm) => {
  for (const goal of ['untargeted', 'targeted'] as const)
    expect(await made('bim', { steps: 1 }, { norm, goal })).toEqual(await made('fgsm', {}, { norm, goal }));
});

test.for(['untargeted', 'targeted'] as const)(
  'one step of pi-fgsm without more is fgsm (%s)',
  async (goal) => {
    const plain = await made('fgsm', {}, { norm: 'linf', goal });
    const options = { steps: 1, amplification: 1, projection: 0 };
    expect(await made('pi-fgsm', options, { norm: 'linf', goal })).toEqual(plain);
  },
);

describe('a preset of one part', () => {
  // What is drawn within a preset are draws of its own.
  const drawn = ({ through = [], parts }: WrittenPreset): boolean =>
    through.some((view) => view.name === 'diversity') || 'neighbours' in (parts[0]?.options ?? {});
  const given = { goal: 'targeted' as const };
  const plain = ({ through = [], parts: [part] }: WrittenPreset): Promise<Float32Array> =>
    made(part?.attack ?? '', part?.options ?? {}, given, { through });

  test.for(variants.filter(({ written }) => !drawn(written)))(
    '$name is its attack with its options, behind its views',
    async ({ name, written }) => expect(await made(name, {}, given)).toEqual(await plain(written)),
  );

  test.for(variants.filter(({ written }) => drawn(written)))(
    '$name draws its own',
    async ({ name, written }) => {
      const [own, other] = [await made(name, {}, given), await plain(written)];
      expect([images.data, other]).not.toContainEqual(own);
    },
  );
});

test.for([
  ['pgd', ['cross-entropy', 'margin', 'carlini-wagner']],
  ['mi-fgsm', ['cross-entropy', 'margin', 'logit']],
  ['apgd', ['cross-entropy', 'margin', 'dlr', 'probability-margin']],
] as const)('%s has no loss that is flat where it begins, for any goal', async ([name, losses]) => {
  const towards = { kind: 'targeted', classes: targets } as const;
  const clean = attackMargins(scoresOf(await small.answers(asked(images, ids))), towards);
  for (const loss of losses) {
    const change = { goal: 'targeted' as const, pixels: 'float32' as const };
    const options = { steps: 5, loss, ...(name === 'pgd' && { randomStart: false }) };
    const found = tensor(await made(name, options, change), images.shape);
    const after = attackMargins(scoresOf(await small.answers(asked(found, ids))), towards);
    for (const [i, margin] of after.entries()) expect(margin).toBeGreaterThan(clean[i] as number);
  }
});

describe('momentum', () => {
  const plain = (): Promise<Float32Array> => made('bim', { steps: 7 });
  const withMomentum = (): Promise<Float32Array> => made('mi-fgsm', { steps: 7 });

  test('without decay is bim in linf', async () => {
    expect(await made('mi-fgsm', { steps: 7, decay: 0 })).toEqual(await plain());
    expect(await withMomentum()).not.toEqual(await plain());
  });

  test('without decay leads nowhere: Nesterov’s point is the image', async () => {
    expect(await made('mi-fgsm', { steps: 7, decay: 0, nesterov: true })).toEqual(await plain());
    expect(await made('mi-fgsm', { steps: 7, nesterov: true })).not.toEqual(await withMomentum());
  });

  test('without neighbours has no neighbourhood', async () => {
    const none = await made('mi-fgsm', { steps: 7, neighbours: 0, neighbourhood: 3 });
    expect(none).toEqual(await withMomentum());
    expect(await made('mi-fgsm', { steps: 7, neighbours: 3 })).not.toEqual(await withMomentum());
  });

  test('on an affine model of two classes is not moved by neighbours: all signs agree', async () => {
    const answers = (await twoClasses.answers(asked(images, ids))).classes;
    const affine = { model: twoClasses };
    const alone = await made('mi-fgsm', { steps: 5 }, { labels: answers }, affine);
    const tuned = await made('mi-fgsm', { steps: 5, neighbours: 4 }, { labels: answers }, affine);
    expect(tuned).toEqual(alone);
  });
});

describe('views that change nothing', () => {
  test.for([
    ['scale of one copy', 'scale', { copies: 1 }],
    ['diversity at no odds', 'diversity', { odds: 0 }],
    ['eot on a model without draws', 'eot', { draws: 3 }],
  ] as const)('%s', async ([, name, options]) => {
    // A budget pays for draws that a model without draws is never asked: here none shall bind.
    const change = { queries: { scores: 300 } };
    for (const [attack, own] of [
      ['bim', {}],
      ['pgd', {}],
      ['mi-fgsm', {}],
      ['repeated-noise', { draws: 25 }],
    ] as const) {
      const plain = await made(attack, own, change);
      expect(await made(attack, own, change, { through: [{ name, options }] })).toEqual(plain);
    }
  });

  test('eot of one draw, on a random model', async () => {
    const through = [{ name: 'eot', options: { draws: 1 } }];
    const plain = await made('pgd', {}, {}, { model: drawing });
    expect(await made('pgd', {}, {}, { model: drawing, through })).toEqual(plain);
    const three = [{ name: 'eot', options: { draws: 3 } }];
    expect(await made('pgd', {}, {}, { model: drawing, through: three })).not.toEqual(plain);
  });

  test.for(['scale', 'diversity'])('and %s as it is changes something', async (name) => {
    expect(await made('pgd', {}, {}, { through: [{ name }] })).not.toEqual(await made('pgd', {}));
  });
});

test.for(['linf', 'l2'] as const)(
  'pgd without random start is the best iterate of bim (%s)',
  async (norm) => {
    const options = { steps: 8, stepSize: radius[norm] / 2 };
    const best = clone(images);
    const highest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    const iterates = [images];
    const walk = await runAttack(
      find('bim'),
      {
        model: small,
        images,
        ids,
        goal: { kind: 'untargeted', classes: labels },
        limit: limitOf({ norm, epsilon: radius[norm] }, images),
        options,
      },
      (x) => iterates.push(clone(x)),
    );
    for (const x of [...iterates, walk.images])
      for (const [i, m] of (await margins(small, x, labels)).entries()) {
        if (m <= (highest[i] as number)) continue;
        highest[i] = m;
        best.data.set(row(x, i), i * size);
      }
    const pgd = await made('pgd', { ...options, randomStart: false, restarts: 1 }, { norm });
    expect(pgd).toEqual(best.data);
  },
);

/** The rows of W of the affine model, one minus the other: the gradient of a margin, up to its sign. */
const slope = Float64Array.from(
  { length: size },
  (_, i) => (weights.data[2 * i] as number) - (weights.data[2 * i + 1] as number),
);
const grey = tensor(new Float32Array(count * size).fill(0.5), images.shape);
const own = (await twoClasses.answers(asked(grey, ids))).classes;
const reach: Partial<Record<Norm, number>> = { linf: 0.03, l2: 0.25, l1: 0.25 };

describe('on an affine model of two classes', () => {
  const stepping = ['fgsm', 'bim', 'mi-fgsm', 'in-turn', 'pgd', 'step-target-class', 'iter-target-class'].map(
    find,
  );
  const steps = stepping.flatMap((attack) =>
    attack.goals.flatMap((goal) => attack.norms.map((norm) => ({ attack, name: attack.name, goal, norm }))),
  );
  /** What the linear function gains at most per unit of the norm. */
  const dual: Partial<Record<Norm, number>> = {
    linf: slope.reduce((a, w) => a + Math.abs(w), 0),
    l2: Math.hypot(...slope),
    l1: Math.max(...slope.map(Math.abs)),
  };

  test.for(steps)(
    '$name gains epsilon times the dual norm ($goal, $norm)',
    async ({ attack, goal, norm }) => {
      const epsilon = reach[norm] as number;
      const limit = { norm, epsilon };
      const targets = own.map((c) => 1 - c);
      const given = assignment(attack, {
        goal,
        limit,
        images: grey,
        labels: own,
        targets,
        pixels: 'float32',
      });
      const options = attack.name === 'pgd' ? { randomStart: false } : {};
      const parties = partiesFor(attack, twoClasses, twoClasses);
      const after = (await make(attack, given, { parties, options })).images;
      const [was, is] = [await margins(twoClasses, grey, own), await margins(twoClasses, after, own)];
      for (const [i, m] of is.entries())
        expect((m - (was[i] as number)) / (epsilon * (dual[norm] as number))).toBeCloseTo(1, 4);
    },
  );

  const largest = slope.reduce((most, w, i) => (Math.abs(w) > Math.abs(slope[most] as number) ? i : most), 0);
  const direction: Partial<Record<Norm, (i: number) => number>> = {
    linf: (i) => Math.sign(slope[i] as number),
    l2: (i) => (slope[i] as number) / Math.hypot(...slope),
    l1: (i) => (i === largest ? Math.sign(slope[i] as number) : 0),
  };

  test.for(['linf', 'l2', 'l1'] as const)('one step is the steepest of unit norm (%s)', async (norm) => {
    const epsilon = reach[norm] as number;
    const options = { steps: 1, stepSize: epsilon, randomStart: false };
    const change = { norm, limit: { norm, epsilon }, images: grey, labels: own, pixels: 'float32' } as const;
    const x = await made('pgd', options, change, { model: twoClasses });
    for (const [i, c] of own.entries())
      for (let j = 0; j < size; j++) {
        // Away from the own class.
        const step = (c === 0 ? -epsilon : epsilon) * (direction[norm] as (k: number) => number)(j);
        expect(Math.abs((x[i * size + j] as number) - (0.5 + step))).toBeLessThan(1e-6);
      }
  });
});
