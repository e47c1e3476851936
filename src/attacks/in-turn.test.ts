import { describe, expect, test } from 'vitest';
import { climb, kin, model, turns } from '../../test/affine-world.ts';
import { randomOf } from '../tensor/index.ts';
import { inTurn } from './in-turn.ts';
import { miFgsm } from './mi-fgsm.ts';

const options = { steps: 5, decay: 0.7 };
const random = randomOf(2, 'attack/test');

describe('in-turn', () => {
  test.for(['linf', 'l2'] as const)('of one source is mi-fgsm, bit for bit (%s)', async (norm) => {
    const limit = { norm, epsilon: 0.2 };
    for (const more of [{}, { nesterov: true, neighbours: 2 }]) {
      const own = { ...options, ...more };
      const plain = (await climb(miFgsm, 3, limit, { model: kin, options: own, random })).images;
      expect((await climb(inTurn, 3, limit, { members: [kin], options: own, random })).images).toEqual(plain);
      expect((await climb(inTurn, 3, limit, { model: kin, options: own, random })).images).toEqual(plain);
    }
  });

  test('asks two sources one after the other, a step each, with one momentum', async () => {
    const { order, named } = turns();
    const limit = { norm: 'linf', epsilon: 0.2 } as const;
    const members = [named('first', model), named('second', kin)];
    const { images } = await climb(inTurn, 3, limit, { model: kin, members, options });
    expect(order).toEqual(['first', 'second', 'first', 'second', 'first']);
    for (const one of [model, kin])
      expect((await climb(miFgsm, 3, limit, { model: one, options })).images).not.toEqual(images);
  });
});
