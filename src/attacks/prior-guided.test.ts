import { describe, expect, test } from 'vitest';
import { climb, gained, kin, model, size, slope, turns } from '../../test/affine-world.ts';
import { asked, crossEntropy, labelTensor, over } from '../models/index.ts';
import type { Images } from '../tensor/index.ts';
import { priorGuided } from './prior-guided.ts';

const limit = { norm: 'linf', epsilon: 0.1 } as const;
const dual = slope.reduce((sum, w) => sum + Math.abs(w), 0);
const opponent = { model, granted: 'scores' } as const;

describe('prior-guided', () => {
  test('climbs to the corner where the source is the judged model and all is its gradient', async () => {
    const options = { share: 1, directions: 2 };
    const task = { members: [model], opponent, options, queries: { scores: 33 } };
    // Ten steps of a tenth of epsilon, three questions each, and the last point's own.
    for (const gain of await gained((await climb(priorGuided, 4, limit, task)).images))
      expect(gain / (0.1 * dual)).toBeCloseTo(1, 5);
  });

  test('climbs by the judged model’s scores where the source is but kin', async () => {
    const lowest = async (share: number, scores: number): Promise<number> => {
      const options = { share, directions: 10 };
      const task = { model: kin, members: [kin], opponent, options, queries: { scores } };
      return Math.min(...(await gained((await climb(priorGuided, 4, limit, task)).images))) / (0.1 * dual);
    };
    const alone = await lowest(1, 600);
    expect(alone).toBeGreaterThan(0.6);
    expect(alone).toBeLessThan(0.8);
    expect(await lowest(0.5, 2000)).toBeGreaterThan(alone);
    // At a share of 1/d all directions are alike, and nothing leads astray.
    expect(await lowest(1 / size, 1000)).toBeGreaterThan(0.97);
  });

  test('asks along unit vectors, whose part along the source’s gradient is the share', async () => {
    const share = 0.36;
    const asks: Images[] = [];
    const watched = over(model, {
      answers(q) {
        asks.push({ ...q.images, data: q.images.data.slice() });
        return model.answers(q);
      },
    });
    const options = { share, directions: 20, sigma: 0.125 };
    const own = { model: watched, granted: 'scores' } as const;
    await climb(priorGuided, 1, limit, { members: [kin], opponent: own, options, queries: { scores: 21 } });
    const [image, ...points] = asks as [Images, ...Images[]];
    expect(points.length).toBe(20);
    const { gradient } = await kin.gradient(asked(image), crossEntropy(), { labels: labelTensor([0]) });
    const length = Math.hypot(...gradient.data);
    for (const { data } of points) {
      const u = data.map((v, i) => (v - (image.data[i] as number)) / 0.125);
      expect(Math.hypot(...u)).toBeCloseTo(1, 5);
      const along = u.reduce((sum, v, i) => sum + (v * (gradient.data[i] as number)) / length, 0);
      expect(along).toBeCloseTo(Math.sqrt(share), 5);
    }
    expect(new Set(points.map(({ data }) => data.join())).size).toBe(20);
  });

  test('asks its sources in turn, and the judged model for scores alone', async () => {
    const { order, named } = turns();
    const members = [named('first', kin), named('second', model)];
    const own = { model: named('judged', model), granted: 'scores' } as const;
    await climb(priorGuided, 2, limit, {
      members,
      opponent: own,
      options: { directions: 3 },
      queries: { scores: 20 },
    });
    expect(order).toEqual(['first', 'second', 'first', 'second', 'first']);
  });

  test('without a gradient of the source its directions are random', async () => {
    const flat = over(kin, {
      async gradient(q, objective, given) {
        const answer = await kin.gradient(q, objective, given);
        answer.gradient.data.fill(0);
        return answer;
      },
    });
    const { images } = await climb(priorGuided, 3, limit, {
      members: [flat],
      opponent,
      queries: { scores: 600 },
    });
    for (const gain of await gained(images)) expect(gain / (0.1 * dual)).toBeGreaterThan(0.5);
  });
});
