import { describe, expect, test } from 'vitest';
import { channelMeans, close, filled, flat, identity, sidecarOf, small } from '../../test/small-models.ts';
import type { GraphBuilder } from '../onnx/index.ts';
import { concatRows, type Images, int64, randomOf, tensor } from '../tensor/index.ts';
import { asked, type Classifier, over } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { metered, newMeter } from './meter.ts';
import { networkGraph } from './network.ts';
import { carliniWagner, crossEntropy, margin } from './objectives.ts';
import { behind } from './stages.ts';

const means = (): Classifier =>
  graphClassifier(networkGraph(channelMeans(identity), sidecarOf(), { name: 'means' }), { name: 'means' });
const pair = concatRows([flat(0.1, 0.2, 0.3), flat(0.3, 0.2, 0.1)]);
const given = { labels: int64([0, 0]) };

/** Counts of a meter as plain objects. */
function counted({ counts }: ReturnType<typeof newMeter>): Record<string, Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).map(([kind, of]) => [kind, Object.fromEntries(of)]));
}

describe('rows', () => {
  test.for(['scores', 'decisions'] as const)('without a gradient count as %s', async (forward) => {
    const meter = newMeter();
    const model = metered(means(), forward, meter);
    await model.answers(asked(pair, ['a', 'b']));
    await model.answers(asked(pair, ['b', 'b']));
    await model.gradient(asked(pair, ['a', 'b']), margin(), given);
    await model.answers(asked(filled('none', [0, 3, 4, 4]), []));
    expect(counted(meter)).toEqual({
      decisions: {},
      scores: {},
      gradients: { a: 1, b: 1 },
      [forward]: { a: 1, b: 3 },
    });
  });

  test('of several models add up in one meter', async () => {
    const meter = newMeter();
    for (const forward of ['scores', 'decisions', 'scores'] as const)
      await metered(means(), forward, meter).answers(asked(pair, ['a', 'b']));
    expect(counted(meter)).toEqual({ decisions: { a: 1, b: 1 }, scores: { a: 2, b: 2 }, gradients: {} });
  });

  test('count though the answer breaks', async () => {
    const meter = newMeter();
    const broken = over(means(), { answers: () => Promise.reject(new Error('broken')) });
    await expect(metered(broken, 'scores', meter).answers(asked(pair, ['a', 'b']))).rejects.toThrow('broken');
    expect(counted(meter)['scores']).toEqual({ a: 1, b: 1 });
  });
});

/** A model whose gradient is what it is told to be. */
function gradients(of: Images): Classifier {
  const model = means();
  return over(model, {
    gradient: async (q, objective, g) => ({ ...(await model.gradient(q, objective, g)), gradient: of }),
  });
}

describe('gradients of zero', () => {
  test('are told by sample', async () => {
    const meter = newMeter();
    const half = filled('half', [2, 3, 4, 4], -1, 1);
    half.data.fill(0, 48);
    await metered(gradients(half), 'scores', meter).gradient(asked(pair, ['a', 'b']), margin(), given);
    expect([...meter.zero]).toEqual(['b']);
    half.data[95] = -1e-30;
    const other = newMeter();
    await metered(gradients(half), 'scores', other).gradient(asked(pair, ['a', 'b']), margin(), given);
    expect([...other.zero]).toEqual([]);
  });

  test('of an objective that is flat by itself say nothing', async () => {
    const meter = newMeter();
    const model = metered(means(), 'scores', meter);
    // Both images fool the model: the objective has reached its top.
    const { gradient } = await model.gradient(
      asked(pair, ['a', 'b']),
      carliniWagner({ confidence: -1 }),
      given,
    );
    expect(gradient.data.every((g) => g === 0)).toBe(true);
    expect([...meter.zero]).toEqual([]);
    // Nor do they where the images are fooled and the objective is not flat: its gradient is not zero.
    await model.gradient(asked(pair, ['a', 'b']), margin(), given);
    expect([...meter.zero]).toEqual([]);
  });
});

describe('entries that are not finite', () => {
  test('become 0, and nothing else does', async () => {
    // x to the 2.2 and back: at a pixel of 0 the derivative is infinite, elsewhere it is that of x.
    const size = { channels: 3, height: 4, width: 4 };
    const mean = (b: GraphBuilder, x: string): string =>
      b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
    const power = small(size, (b, x) => {
      const up = b.op('Pow', [x, b.scalar(2.2)]);
      return mean(b, b.op('Pow', [up, b.scalar(1 / 2.2)]));
    });
    const images = { ...pair, data: pair.data.slice() };
    images.data[5] = 0;
    const question = asked(images, ['a', 'b']);
    const meter = newMeter();
    const bare = await power.gradient(question, crossEntropy(), given);
    expect(Number.isFinite(bare.gradient.data[5])).toBe(false);
    const found = await metered(power, 'scores', meter).gradient(question, crossEntropy(), given);
    const wanted = [...(await small(size, mean).gradient(question, crossEntropy(), given)).gradient.data];
    wanted[5] = 0;
    close(found.gradient.data, wanted, 6);
    expect([[...meter.notFinite], [...meter.zero]]).toEqual([['a'], []]);
  });

  test.for([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%d is found wherever it stands',
    async (value) => {
      for (let at = 0; at < 48; at++) {
        const of = filled('any', [2, 3, 4, 4], -1, 1);
        const wanted = of.data.slice();
        wanted[48 + at] = 0;
        of.data[48 + at] = value;
        const meter = newMeter();
        const model = metered(gradients(of), 'scores', meter);
        const { gradient } = await model.gradient(asked(pair, ['a', 'b']), margin(), given);
        expect([gradient.data, [...meter.notFinite]]).toEqual([wanted, ['b']]);
      }
    },
  );

  test('are found in rows of any length, and when they are opposite', async () => {
    for (const size of [1, 2, 3, 5, 6, 7, 9]) {
      const of = tensor(new Float32Array(2 * size).fill(0.5), [2, 1, 1, size]);
      of.data[2 * size - 1] = Number.POSITIVE_INFINITY;
      of.data[size] = Number.NEGATIVE_INFINITY;
      const meter = newMeter();
      const model = metered(gradients(of), 'scores', meter);
      const { gradient } = await model.gradient(asked(pair, ['a', 'b']), margin(), given);
      expect([...gradient.data.subarray(0, size)]).toEqual(Array.from({ length: size }, () => 0.5));
      const ends = new Set([0, size - 1]);
      expect([...gradient.data.subarray(size)]).toEqual(
        Array.from({ length: size }, (_, i) => (ends.has(i) ? 0 : 0.5)),
      );
      expect([...meter.notFinite]).toEqual(['b']);
    }
  });
});

test('gradients led through a stage that has none count once, and are made finite', async () => {
  const stage = { name: 'same', apply: ({ images }: { images: Images }) => Promise.resolve(images) };
  const infinite = filled('infinite', [2, 3, 4, 4]);
  infinite.data[3] = Number.POSITIVE_INFINITY;
  const meter = newMeter();
  const model = metered(behind(stage, gradients(infinite), randomOf(1, 'test')), 'scores', meter);
  await expect(model.gradient(asked(pair, ['a', 'b']), margin(), given)).rejects.toMatchObject({
    code: 'NO_GRADIENT',
  });
  expect(counted(meter)['gradients']).toEqual({ a: 1, b: 1 });
  const seen = model.approximate?.('identity') as Classifier;
  const { gradient } = await seen.gradient(asked(pair, ['a', 'b']), margin(), given);
  expect(gradient.data[3]).toBe(0);
  await seen.answers(asked(pair, ['a', 'b']));
  expect(counted(meter)).toEqual({ decisions: {}, scores: { a: 1, b: 1 }, gradients: { a: 2, b: 2 } });
  expect([...meter.notFinite]).toEqual(['a']);
});

test("an attack's own objective tells nothing of the model, whatever its gradient", async () => {
  const odd = filled('odd', [2, 3, 4, 4], -1, 1);
  odd.data.fill(0, 48);
  odd.data[3] = Number.NaN;
  for (const [objective, told] of [
    [margin(), { notFinite: ['a'], zero: ['b'] }],
    [
      { ...margin(), owner: 1 },
      { notFinite: [], zero: [] },
    ],
  ] as const) {
    const meter = newMeter();
    const answering = gradients({ ...odd, data: odd.data.slice() });
    const { gradient } = await metered(answering, 'scores', meter).gradient(
      asked(pair, ['a', 'b']),
      objective,
      given,
    );
    expect({ notFinite: [...meter.notFinite], zero: [...meter.zero] }).toEqual(told);
    expect(gradient.data[3]).toBe(0);
  }
});
