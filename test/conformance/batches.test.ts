import { describe, expect, test } from 'vitest';
import { type Attack, kindsOf, type Queries } from '../../src/attacks/index.ts';
import type { Assignment } from '../../src/judge/index.ts';
import { kinds } from '../../src/models/index.ts';
import { takeRows } from '../../src/tensor/index.ts';
import { asking, assignment, casesOf, drawing, ids, type Making, make, part, whole } from './world.ts';

/** Each alone, some of them, and all of them from the last to the first. */
const batches = [...ids.map((_, i) => [i]), [4, 2, 6, 0], [6, 5, 4, 3, 2, 1, 0]];

/** Whatever its batch, an image has its result, and costs the same. */
async function independent(attack: Attack, given: Assignment, making: Making = {}): Promise<void> {
  const whole = await make(attack, given, making);
  for (const which of batches) {
    const { images: made, counts } = await make(attack, part(given, which), making);
    expect(made.data).toEqual(takeRows(whole.images, which).data);
    for (const kind of kinds) expect(counts[kind]).toEqual(which.map((i) => whole.counts[kind][i]));
  }
}

/** So few questions of each kind that some images have spent theirs before others are done. */
function few(attack: Attack): Queries {
  return Object.fromEntries(kindsOf(attack).map((kind) => [kind, 7]));
}

describe.for(whole)('$name', (attack) => {
  test.for(casesOf(attack))('gives each image its result whatever its batch ($norm, $goal)', (c) =>
    independent(attack, assignment(attack, c)),
  );

  test('gives the same bytes for the same seed', async () => {
    const given = assignment(attack);
    expect(await make(attack, given)).toEqual(await make(attack, given));
  });
});

describe.for(asking(whole))('$name: one image’s end changes no neighbour’s result', (attack) => {
  test.for([
    ['once it fools the model', { stopEarly: true }],
    ['once its questions are spent', { queries: few(attack) }],
    ['at either', { stopEarly: true, queries: few(attack) }],
    ['at either, in float32', { stopEarly: true, queries: few(attack), pixels: 'float32' }],
  ] as const)('%s', ([, change]) => independent(attack, assignment(attack, change)));

  test('at either, behind views of a random model', () => {
    const through = [
      { name: 'scale', options: { copies: 2 } },
      { name: 'eot', options: { draws: 2 } },
    ];
    const given = assignment(attack, { stopEarly: true, queries: few(attack) });
    return independent(attack, given, { model: drawing, through });
  });
});
