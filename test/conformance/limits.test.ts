import { describe, expect, test } from 'vitest';
import { type LimitSpec, limitOf, type Norm, type Pixels, takeRows } from '../../src/tensor/index.ts';
import { type Ran, runAttack } from '../run-attack.ts';
import {
  assignment,
  casesOf,
  count,
  dead,
  ids,
  images,
  labels,
  limitFor,
  make,
  masks,
  numberless,
  partiesFor,
  radius,
  row,
  shortOptions,
  targets,
  whole,
} from './world.ts';

/** How many rows are outside a limit. */
function outside(limit: LimitSpec, made: typeof images, pixels: Pixels = '8-bit'): number {
  return limitOf(limit, images, { pixels, masks })
    .outside(made)
    .reduce((a, b) => a + b, 0);
}

describe.for(whole)('$name', (attack) => {
  const cases = casesOf(attack);

  test.for(cases)('stays inside the $norm ball and the pixel range ($goal)', async ({ norm, goal }) => {
    const given = assignment(attack, { norm, goal, pixels: 'float32' });
    expect(outside(given.limit, (await make(attack, given)).images, 'float32')).toBe(0);
  });

  const regions = (['mask', { share: 0.25 }] as const).flatMap((region) =>
    attack.norms.map((norm) => ({ norm, region, name: region === 'mask' ? region : 'share' })),
  );
  test.for(regions)('stays inside the $norm ball and the region ($name)', async ({ norm, region }) => {
    const given = assignment(attack, { norm, region });
    expect(outside(given.limit, (await make(attack, given)).images)).toBe(0);
  });

  test.for(cases)('gives finite images where all gradients are zero ($norm, $goal)', async (c) => {
    const given = assignment(attack, c);
    const { images: made } = await make(attack, given, { model: dead });
    expect(made.data.every(Number.isFinite)).toBe(true);
    expect(outside(given.limit, made)).toBe(0);
  });

  test.for(cases)('gives finite images where the model has no numbers ($norm, $goal)', async (c) => {
    const given = assignment(attack, c);
    const { images: made } = await make(attack, given, { model: numberless });
    expect(made.data.every(Number.isFinite)).toBe(true);
    expect(outside(given.limit, made)).toBe(0);
  });

  const bounded = attack.norms.filter(() => attack.radius === 'fixed');
  test.for(bounded)('gives each image the result of its own radius (%s)', async (norm) => {
    const radii = ownRadii(norm);
    const whole = await within(norm, [...ids.keys()], (limit) => limit.within(radii));
    for (const i of ids.keys()) {
      const alone = await within(norm, [i], (limit) => limit.within([radii[i] as number]));
      const told = await within(norm, [i], (limit) => limit, radii[i]);
      expect(row(alone.images, 0)).toEqual(row(whole.images, i));
      expect(row(told.images, 0)).toEqual(row(whole.images, i));
    }
  });

  /** Works on some rows, each with a radius of its own. */
  function within(
    norm: Norm,
    which: readonly number[],
    change: (limit: ReturnType<typeof limitOf>) => ReturnType<typeof limitOf>,
    epsilon = radius[norm],
  ): Promise<Ran> {
    const clean = takeRows(images, which);
    const [goal] = attack.goals;
    const wanted = goal === 'untargeted' ? labels : targets;
    return runAttack(attack, {
      ...partiesFor(attack),
      images: clean,
      ids: which.map((i) => ids[i] as string),
      goal: {
        kind: goal === 'untargeted' ? goal : 'targeted',
        classes: Int32Array.from(which, (i) => wanted[i] as number),
      },
      limit: change(
        limitOf({ ...limitFor(attack, norm), epsilon }, clean, { masks: takeRows(masks, which) }),
      ),
      queries: assignment(attack).queries,
      options: shortOptions(attack),
    });
  }
});

/** From a quarter of a norm's usual radius to almost twice as much; whole numbers where it counts. */
function ownRadii(norm: Norm): Float64Array {
  const radii = Float64Array.from({ length: count }, (_, i) => (radius[norm] * (i + 1)) / 4);
  return norm === 'l0' || norm === 'l0-entries' ? radii.map(Math.ceil) : radii;
}
