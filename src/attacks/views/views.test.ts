import { describe, expect, test } from 'vitest';
import { affine } from '../../../test/pixel-networks.ts';
import { normal } from '../../../test/small-models.ts';
import { type Asked, asked, type Classifier, crossEntropy, labelTensor, over } from '../../models/index.ts';
import { type Images, randomOf, tensor } from '../../tensor/index.ts';
import { diversity } from './diversity.ts';
import { eot } from './eot.ts';
import { scale } from './scale.ts';

const input = { channels: 1, height: 3, width: 3 };
const inner = affine('affine', input, normal('weights', [9, 2]));
const images: Images = tensor(
  Float32Array.from({ length: 18 }, (_, i) => i / 17),
  [2, 1, 3, 3],
);
const random = randomOf(1, 'attack/test');
const given = { labels: labelTensor([0, 1]) };

/** A model whose gradient is 3x − draw, entry by entry, and that notes what it is asked. */
function noting(change: Partial<Classifier> = {}): { model: Classifier; asks: Asked[] } {
  const asks: Asked[] = [];
  const model = over(inner, {
    async answers(q) {
      asks.push(q);
      return inner.answers(q);
    },
    async gradient(q, objective, of) {
      asks.push(q);
      const answer = await inner.gradient(q, objective, of);
      const data = q.images.data.map((x, i) => 3 * x - (q.draw[Math.floor(i / 9)] as number));
      return { ...answer, gradient: { ...q.images, data } };
    },
    ...change,
  });
  return { model, asks };
}

describe('scale', () => {
  test('is the mean over copies drawn towards grey, each with its factor', async () => {
    const { model, asks } = noting();
    const view = scale.open({ model, options: { copies: 3 }, random });
    const { gradient } = await view.gradient(asked(images), crossEntropy(), given);
    const drawn = (x: number, i: number): number => 0.5 + 2 ** -i * (x - 0.5);
    for (const [j, x] of images.data.entries()) {
      expect(gradient.data[j]).toBeCloseTo(
        [0, 1, 2].reduce((sum, i) => sum + 2 ** -i * 3 * drawn(x, i), 0) / 3,
        5,
      );
      for (const [i, q] of asks.entries()) expect(q.images.data[j]).toBeCloseTo(drawn(x, i), 6);
    }
    expect(asks.length).toBe(3);
  });

  test('answers as the model does, of the image itself', async () => {
    const { model, asks } = noting();
    const view = scale.open({ model, options: { copies: 3 }, random });
    expect(await view.answers(asked(images))).toEqual(await inner.answers(asked(images)));
    const { classes, scores } = await view.gradient(asked(images), crossEntropy(), given);
    expect({ classes, scores }).toEqual(await inner.answers(asked(images)));
    expect(asks[0]?.images).toBe(images);
  });
});

test('eot asks draws that no other question asks, and takes the mean of gradients', async () => {
  const { model, asks } = noting({ random: true });
  const view = eot.open({ model, options: { draws: 3 }, random });
  const { gradient } = await view.gradient(
    { ...asked(images), draw: Uint32Array.of(0, 5) },
    crossEntropy(),
    given,
  );
  expect(asks.map((q) => [...q.draw])).toEqual([
    [0, 15],
    [1, 16],
    [2, 17],
  ]);
  for (const [j, x] of images.data.entries())
    expect(gradient.data[j]).toBeCloseTo(3 * x - (j < 9 ? 1 : 16), 5);
  expect([true, false].map((random) => eot.rows?.({ draws: 3 }, 'scores', { random }))).toEqual([3, 1]);
});

describe('diversity', () => {
  const open = (odds: number): { view: Classifier; asks: Asked[] } => {
    const { model, asks } = noting();
    return { view: diversity.open({ model, options: { to: 2, odds }, random }), asks };
  };
  const many = (count: number): Asked => {
    const data = new Float32Array(count * 9).fill(0.9);
    return asked(
      tensor(data, [count, 1, 3, 3]),
      Array.from({ length: count }, (_, i) => `image${i}`),
    );
  };
  const unchanged = ({ images }: Asked): number => {
    let rows = 0;
    for (let i = 0; i < images.data.length; i += 9)
      rows += Number(images.data.subarray(i, i + 9).every((v) => v === Math.fround(0.9)));
    return rows;
  };

  test('leaves an image as it is to the bit, or shows it smaller on grey', async () => {
    const { view, asks } = open(0.5);
    await view.answers(many(400));
    const [seen] = asks as [Asked];
    // Of 400 fair draws, at five standard deviations.
    expect(Math.abs(unchanged(seen) - 200)).toBeLessThan(5 * 10);
    for (const v of seen.images.data) {
      expect(v).toBeGreaterThan(0.5 - 1e-6);
      expect(v).toBeLessThan(0.9 + 1e-6);
    }
  });

  test('is another at every draw, and one at each', async () => {
    const { view, asks } = open(1);
    for (const draw of [0, 1, 0]) await view.answers({ ...many(20), draw: new Uint32Array(20).fill(draw) });
    const [first, second, again] = asks as [Asked, Asked, Asked];
    expect(again.images).toEqual(first.images);
    expect(second.images).not.toEqual(first.images);
  });

  test('leads gradients back through the same draw', async () => {
    // An affine model behind it: its answers are linear in the image, so a difference is the gradient to rounding.
    const view = diversity.open({ model: inner, options: { to: 2, odds: 1 }, random });
    const q = asked(tensor(new Float32Array(9).fill(0.5), [1, 1, 3, 3]), ['one']);
    const logit = {
      key: 'first logit',
      build: (b: Parameters<ReturnType<typeof crossEntropy>['build']>[0], net: { logits: string }) =>
        b.op('Squeeze', [b.op('Gather', [net.logits, b.ints([0])], { axis: 1 }), b.ints([1])]),
    };
    const { gradient } = await view.gradient(q, logit, {});
    const value = async (images: Images): Promise<number> =>
      ((await view.answers({ ...q, images })).scores as Images).data[0] as number;
    for (let j = 0; j < 9; j++) {
      const [above, below] = [q.images.data.slice(), q.images.data.slice()];
      above[j] = 1;
      below[j] = 0;
      const change =
        (await value({ ...q.images, data: above })) - (await value({ ...q.images, data: below }));
      expect(gradient.data[j]).toBeCloseTo(change, 4);
    }
    expect(gradient.data.some((g) => Math.abs(g) > 0.1)).toBe(true);
  });
});
