import { describe, expect, test } from 'vitest';
import { channelMeans, close, filled, identity, sidecarOf, small } from '../../test/small-models.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { type Images, type InputSize, int64, randomOf, rowSize, tensor } from '../tensor/index.ts';
import { type Answers, type Asked, asked, type Classifier, over } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { meanOfDraws } from './mean-of-draws.ts';
import { networkGraph } from './network.ts';
import { crossEntropy, margin } from './objectives.ts';
import { behind, type GraphStage, type LoopStage } from './stages.ts';

const size = { channels: 3, height: 4, width: 4 };
const random = randomOf(3, 'test');
const given = { labels: int64([0]) };

/** Adds normal noise to the pixels. */
const noisy: GraphStage = {
  name: 'noisy',
  draws: {
    shapes: ({ channels, height, width }) => ({ noise: [channels, height, width] }),
    fill: ({ noise }, stream) => stream.fillNormal(noise as Float32Array, 0, 1),
  },
  graph({ channels, height, width }: InputSize) {
    const b = new GraphBuilder(undefined, { name: 'noisy' });
    const images = b.input('images', 'float32', ['N', channels, height, width]);
    const noise = b.input('noise', 'float32', ['N', channels, height, width]);
    b.output(b.op('Add', [images, noise]), 'images_out');
    return b.finish();
  },
};

function smooth(): Classifier {
  return small(size, (b, x) => {
    const weight = b.constant(filled('weight', [48, 5], -1, 1));
    return b.op('Tanh', [b.op('MatMul', [b.op('Flatten', [x], { axis: 1 }), weight])]);
  });
}

/** A model of three classes that answers each draw of a row as told. */
function telling(of: (draw: number) => Partial<Answers> & { logits: number[] }): {
  model: Classifier;
  draws: number[][];
} {
  const draws: number[][] = [];
  const answer = (q: Asked): Answers => {
    draws.push([...q.draw]);
    const told = Array.from(q.draw, of);
    return {
      classes: Int32Array.from(told, (t) => t.classes?.[0] ?? 0),
      scores: tensor(Float32Array.from(told.flatMap((t) => t.logits)), [q.ids.length, 3]),
      ...(told.some((t) => t.extra) && {
        extra: { reject: Float64Array.from(told, (t) => t.extra?.['reject']?.[0] ?? 0) },
      }),
    };
  };
  const model = over(smooth(), { classes: 3, random: true, answers: async (q) => answer(q) });
  return { model, draws };
}

const one = filled('one', [1, 3, 4, 4]);
const two = filled('two', [2, 3, 4, 4]);

describe('gradients', () => {
  test('vary as 1 / n over draws, and draws share none', async () => {
    const model = behind(noisy, smooth(), random);
    const repeats = 800;
    const images = { ...one, shape: [repeats, 3, 4, 4], data: new Float32Array(repeats * 48) };
    for (let i = 0; i < repeats; i++) images.data.set(one.data, 48 * i);
    const question = {
      images,
      ids: Array.from({ length: repeats }, () => 'a'),
      draw: Uint32Array.from({ length: repeats }, (_, i) => i),
    };
    const labels = int64(new Int32Array(repeats));
    /** Variance of an entry over the repeats, and covariance with the next repeat's; sums over entries. */
    const spread = async (n: number): Promise<[variance: number, covariance: number]> => {
      const { gradient } = await meanOfDraws(model, n).gradient(question, crossEntropy(), { labels });
      const entry = (i: number, j: number): number => gradient.data[48 * i + j] as number;
      let [variance, covariance] = [0, 0];
      for (let j = 0; j < 48; j++) {
        let mean = 0;
        for (let i = 0; i < repeats; i++) mean += entry(i, j) / repeats;
        for (let i = 0; i < repeats; i++) {
          const own = entry(i, j) - mean;
          variance += own ** 2 / (repeats - 1);
          if (i > 0) covariance += (own * (entry(i - 1, j) - mean)) / (repeats - 1);
        }
      }
      return [variance, covariance];
    };
    const [[first, apart], [fourth, apart4], [sixteenth, apart16]] = [
      await spread(1),
      await spread(4),
      await spread(16),
    ];
    await model.release();
    // Over other seeds these ratios spread by 0.05 about 1: the bounds are three times that.
    expect((4 * fourth) / first).toBeGreaterThan(0.85);
    expect((4 * fourth) / first).toBeLessThan(1.15);
    expect((16 * sixteenth) / first).toBeGreaterThan(0.85);
    expect((16 * sixteenth) / first).toBeLessThan(1.15);
    for (const [variance, covariance] of [
      [first, apart],
      [fourth, apart4],
      [sixteenth, apart16],
    ] as const)
      expect(Math.abs(covariance) / variance).toBeLessThan(0.15);
  });

  test('of a model whose draws are equal are those of one, to the bit', async () => {
    const model = smooth();
    const labels = int64([1, 4]);
    const plain = await model.gradient(asked(two), crossEntropy(), { labels });
    for (const draws of [2, 3, 7, 10]) {
      const mean = meanOfDraws(over(model, { random: true }), draws);
      const found = await mean.gradient(asked(two), crossEntropy(), { labels });
      expect(found.gradient).toEqual(plain.gradient);
      expect(found.value).toEqual(plain.value);
      expect(found.classes).toEqual(plain.classes);
    }
    await model.release();
  });

  test('are means of the objective, not gradients of the mean answer', async () => {
    const model = behind(noisy, smooth(), random);
    const parts = await Promise.all(
      [6, 7, 8].map((draw) =>
        model.gradient(asked(two, ['a', 'b'], draw), margin(), { labels: int64([1, 4]) }),
      ),
    );
    const found = await meanOfDraws(model, 3).gradient(asked(two, ['a', 'b'], 2), margin(), {
      labels: int64([1, 4]),
    });
    const meanOf = (of: (part: (typeof parts)[number]) => Float32Array): number[] =>
      Array.from(of(found), (_, i) => parts.reduce((sum, p) => sum + (of(p)[i] as number), 0) / 3);
    close(
      found.value,
      meanOf((p) => p.value),
      6,
    );
    close(
      found.gradient.data,
      meanOf((p) => p.gradient.data),
      6,
    );
    await model.release();
  });
});

describe('answers', () => {
  test('are the logarithm of the mean probability', async () => {
    // The plain mean of these logits would be a tie.
    const logits = [
      [5, 0, 0],
      [-5, 0, 0],
    ];
    const { model, draws } = telling((draw) => ({ logits: logits[draw % 2] as number[] }));
    const { classes, scores } = await meanOfDraws(model, 2).answers(asked(one, ['a'], 3));
    expect(draws).toEqual([[6], [7]]);
    const p = logits.map((z) => z.map((v) => Math.exp(v) / z.reduce((sum, w) => sum + Math.exp(w), 0)));
    close(
      scores?.data ?? [],
      [0, 1, 2].map((k) => Math.log(((p[0]?.[k] as number) + (p[1]?.[k] as number)) / 2)),
    );
    expect([...classes]).toEqual([0]);
  });

  test('draws without numbers are left out of the mean; with half of them it abstains', async () => {
    const nan = { logits: [NaN, NaN, NaN], classes: Int32Array.of(-1) };
    const of = (absent: number) =>
      telling((draw) => (draw < absent ? nan : { logits: [0, draw, 0], classes: Int32Array.of(1) }));
    const { classes, scores } = await meanOfDraws(of(1).model, 3).answers(asked(one, ['a'], 0));
    expect([...classes]).toEqual([1]);
    const right = [1, 2].map((z) => Math.exp(z) / (Math.exp(z) + 2));
    close([scores?.data[1] as number], [Math.log(((right[0] as number) + (right[1] as number)) / 2)], 6);
    expect([...(await meanOfDraws(of(2).model, 3).answers(asked(one, ['a'], 0))).classes]).toEqual([-1]);
    expect([...(await meanOfDraws(of(3).model, 3).answers(asked(one, ['a'], 0))).classes]).toEqual([-1]);
  });

  test('each row asks the draws of its own number', async () => {
    const { model, draws } = telling(() => ({ logits: [0, 0, 0] }));
    await meanOfDraws(model, 3).answers({ images: two, ids: ['a', 'a'], draw: Uint32Array.of(0, 5) });
    expect(draws).toEqual([
      [0, 15],
      [1, 16],
      [2, 17],
    ]);
  });

  test('a class of probability 0 in all draws stays finite', async () => {
    const { model } = telling(() => ({ logits: [0, -1000, 0] }));
    const { scores } = await meanOfDraws(model, 2).answers(asked(one));
    expect(scores?.data[1]).toBeCloseTo(-126 * Math.log(2), 4);
  });

  test.for<[draws: number, abstain: number, classes: number]>([
    [4, 1, 2],
    [4, 2, -1],
    [4, 3, -1],
    [4, 4, -1],
    [3, 1, 2],
    [3, 2, -1],
    [2, 1, -1],
  ])('of %i draws of which %i abstain: class %i', async ([draws, abstain, wanted]) => {
    const { model } = telling((draw) => ({
      classes: Int32Array.of(draw < abstain ? -1 : 2),
      logits: [0, 0, 9],
      extra: { reject: Float64Array.of(draw < abstain ? 1 : 0) },
    }));
    const { classes, extra, scores } = await meanOfDraws(model, draws).answers(asked(one));
    expect([...classes]).toEqual([wanted]);
    expect([...(extra?.['reject'] ?? [])]).toEqual([abstain / draws]);
    expect(scores?.data[2]).toBeGreaterThan(-0.01);
  });
});

describe('what it is laid over', () => {
  test('is left as it is where one draw tells all', () => {
    const model = smooth();
    expect(meanOfDraws(model, 10)).toBe(model);
    const shaken = behind(noisy, model, random);
    expect(meanOfDraws(shaken, 1)).toBe(shaken);
  });

  test('is approximated in each draw', async () => {
    const drawn: number[] = [];
    const shaken: LoopStage = {
      name: 'shaken',
      draws: {
        shapes: () => ({ shift: [1] }),
        fill: ({ shift }, stream) => stream.fillUniform(shift as Float32Array, 0, 1),
      },
      apply({ images }, { shift }) {
        drawn.push(shift?.data[0] as number);
        const data = images.data.map((v, i) => v + (shift?.data[Math.floor(i / rowSize(images))] as number));
        return Promise.resolve({ ...images, data } satisfies Images);
      },
    };
    const mean = meanOfDraws(behind(shaken, smooth(), random), 4);
    await expect(mean.gradient(asked(one), margin(), given)).rejects.toMatchObject({ code: 'NO_GRADIENT' });
    const seen = mean.approximate?.('identity') as Classifier;
    await seen.gradient(asked(one), margin(), given);
    expect(new Set(drawn).size).toBe(4);
    await seen.release();
  });

  test('can be made for another size', async () => {
    const make = (of?: { height: number; width: number }) =>
      networkGraph(channelMeans(identity), sidecarOf(), { name: 'means', ...(of && { size: of }) });
    const network = graphClassifier(make(), { name: 'means', remake: make });
    const larger = meanOfDraws(behind(noisy, network, random), 2).at?.({ ...size, height: 8 }) as Classifier;
    const images = filled('tall', [1, 3, 8, 4]);
    const { scores } = await larger.answers(asked(images, ['a']));
    const draws = meanOfDraws(behind(noisy, network.at?.({ ...size, height: 8 }) as Classifier, random), 2);
    expect(scores).toEqual((await draws.answers(asked(images, ['a']))).scores);
    for (const m of [larger, draws]) await m.release();
  });
});
