import { describe, expect, test } from 'vitest';
import { climb, gained, greys, kin, model, size, slope, turns } from '../../test/affine-world.ts';
import { type Ran, runAttack, type Task } from '../../test/run-attack.ts';
import { filled, tinyModel } from '../../test/small-models.ts';
import type { Classifier } from '../models/index.ts';
import { type LimitSpec, limitOf } from '../tensor/index.ts';
import { bim } from './bim.ts';
import type { Attack } from './define.ts';
import { fatfinger } from './fatfinger.ts';
import { sangxiaNontargeted } from './sangxia-nontargeted.ts';
import { sangxiaTargeted } from './sangxia-targeted.ts';
import { toshiKNontargeted } from './toshi-k-nontargeted.ts';
import { toshiKTargeted } from './toshi-k-targeted.ts';

/** The recipes of 2017's winners: with their extras off they are what they were made from. */

const wide: LimitSpec = { norm: 'linf', epsilon: 0.4 };
const towards = { kind: 'targeted', classes: Int32Array.of(0, 0) } as const;

const tiny = tinyModel();
const pixels = filled('pixels', [2, 3, 16, 16]);

/** A run on a network that is not linear. */
const run = (attack: Attack, kind: 'untargeted' | 'targeted', more: Partial<Task> = {}): Promise<Ran> =>
  runAttack(attack, {
    model: tiny,
    images: pixels,
    goal: { kind, classes: Int32Array.of(1, 4) },
    limit: limitOf({ norm: 'linf', epsilon: 16 / 255 }, pixels, { pixels: 'float32' }),
    ...more,
  });

/** How far the first entry has gone on the linear model, where every step goes one way. */
const reached = async (attack: Attack, options: Record<string, unknown>, goal = {}): Promise<number> => {
  const { images } = await climb(attack, 2, wide, { options, ...goal });
  return Math.abs((images.data[0] as number) - 0.5);
};

describe('toshi-k', () => {
  test('without smoothing, of one source, is bim bit for bit, for either goal', async () => {
    const options = { steps: 6, stepSize: 0.01 };
    const plain = await run(bim, 'untargeted', { options });
    const own = await run(toshiKNontargeted, 'untargeted', { options: { ...options, spread: 1000 } });
    expect(own.images).toEqual(plain.images);
    const down = await run(toshiKTargeted, 'targeted', {
      options: { ...options, spread: 1000, smoothing: 0 },
    });
    expect(down.images).toEqual((await run(bim, 'targeted', { options })).images);
  });

  test('a step is the mean of the sign steps of the sources', async () => {
    const members = [model, kin, kin];
    const one = { steps: 1, stepSize: 0.03, spread: 1000 };
    const { images } = await climb(toshiKNontargeted, 2, wide, { members, options: one });
    const signs = await Promise.all(
      members.map(async (source) => {
        const moved = (await climb(bim, 2, wide, { model: source, options: { steps: 1, stepSize: 1 / 4 } }))
          .images;
        return moved.data.map((v) => 4 * (v - 0.5));
      }),
    );
    const shares = new Set<number>();
    for (let i = 0; i < 2 * size; i++) {
      const mean = signs.reduce((sum, s) => sum + (s[i] as number), 0) / 3;
      expect((images.data[i] as number) - 0.5).toBeCloseTo(0.03 * mean, 6);
      shares.add(Math.round(3 * Math.abs(mean)));
    }
    expect([...shares].toSorted((a, b) => a - b)).toEqual([1, 3]);
  });

  test.for([
    [4, 1000],
    [8, 12],
    [12, 8],
    [16, 4],
  ] as const)('towards a class at %i/255 the kernel spans %i', async ([level, spread]) => {
    const limit = limitOf({ norm: 'linf', epsilon: level / 255 }, pixels, { pixels: 'float32' });
    const own = (await run(toshiKTargeted, 'targeted', { limit })).images;
    const stepSize = Math.max(1, level / 14) / 255;
    expect((await run(toshiKTargeted, 'targeted', { limit, options: { spread, stepSize } })).images).toEqual(
      own,
    );
    const other = (await run(toshiKTargeted, 'targeted', { limit, options: { spread: 5.5, stepSize } }))
      .images;
    expect(other).not.toEqual(own);
  });

  test('towards a class it goes down the mean loss of the sources', async () => {
    const options = { steps: 1, stepSize: 0.01, spread: 1000, smoothing: 0 };
    const [alone, both] = await Promise.all(
      [[model], [model, kin, kin, kin]].map((members) =>
        climb(toshiKTargeted, 2, wide, { members, goal: towards, options }),
      ),
    );
    expect(both?.images).not.toEqual(alone?.images);
    for (const of of [model, kin])
      for (const gain of await gained((both as Ran).images, of)) expect(gain).toBeLessThan(0);
  });
});

describe('sangxia', () => {
  const named = (count: number): { order: string[]; members: Classifier[] } => {
    const { order, named } = turns();
    return {
      order,
      members: Array.from({ length: count }, (_, i) => named(String(i), i % 2 === 0 ? model : kin)),
    };
  };

  test('without noise all steps together are 6.7 of the first', async () => {
    expect(await reached(sangxiaNontargeted, { noise: 0, stepSize: 0.02 })).toBeCloseTo(6.7 * 0.02, 5);
  });

  test('asks pairs of seven networks in three phases', async () => {
    const { order, members } = named(7);
    await climb(sangxiaNontargeted, 2, wide, { members });
    expect(order.join('')).toBe(
      ['2222', ...Array(4).fill('1100'), '3344', '3355', '4455', '3355', '0066', '1166'].join('') +
        ['10', '10', '10', '00', '06', '00', '00', '1100'].join(''),
    );
  });

  test('goes round fewer networks', async () => {
    const { order, members } = named(2);
    await climb(sangxiaTargeted, 2, wide, { members, goal: towards });
    const first = ['010', '010', '010', '0', '010', '01', '0', '01', '01', '01', '01'].join('');
    expect(order.join('').slice(0, first.length)).toBe(first);
  });

  test('noise moves the image before a step, image by image, and no further than the limit', async () => {
    const limit: LimitSpec = { norm: 'linf', epsilon: 0.1 };
    const walk: Float32Array[] = [];
    const task = {
      model,
      images: greys(2),
      goal: { kind: 'untargeted' as const, classes: new Int32Array(2) },
    };
    await runAttack(
      sangxiaNontargeted,
      { ...task, limit: limitOf(limit, greys(2), { pixels: 'float32' }), options: { stepSize: 1e-9 } },
      (x) => walk.push(x.data.slice()),
    );
    const [first] = walk as [Float32Array];
    expect(first.slice(0, size)).not.toEqual(first.slice(size));
    // A fifth of epsilon.
    const spread = Math.sqrt(first.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / first.length);
    expect(spread).toBeGreaterThan(0.012);
    expect(spread).toBeLessThan(0.03);
    for (const x of walk) for (const v of x) expect(Math.abs(v - 0.5)).toBeLessThanOrEqual(0.1 + 1e-6);
  });

  test('towards a class it makes 43 steps, together 16.75 of the first', async () => {
    const { meter, images } = await climb(sangxiaTargeted, 2, wide, { goal: towards });
    expect(Math.abs((images.data[0] as number) - 0.5)).toBeCloseTo((16.75 * 1.8) / 255, 5);
    expect(meter.counts.gradients.get('image0')).toBe(79);
    for (const gain of await gained(images)) expect(gain).toBeLessThan(0);
  });
});

test('fatfinger takes steps that shrink evenly, together twice the radius', async () => {
  expect(await reached(fatfinger, { steps: 9, stepSize: 0.05 }, { goal: towards })).toBeCloseTo(0.25, 5);
  const { images } = await climb(fatfinger, 2, { norm: 'linf', epsilon: 0.1 }, { goal: towards });
  for (let i = 0; i < 2 * size; i++)
    expect((images.data[i] as number) - 0.5).toBeCloseTo(-0.1 * Math.sign(slope[i % size] as number), 6);
  const own = (await run(fatfinger, 'targeted')).images;
  expect((await run(fatfinger, 'targeted', { options: { stepSize: (4 * 16) / 255 / 21 } })).images).toEqual(
    own,
  );
  expect((await run(bim, 'targeted', { options: { steps: 20 } })).images).not.toEqual(own);
});
