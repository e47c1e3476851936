import { describe, expect, test } from 'vitest';
import { close, filled, tinyModel } from '../../test/small-models.ts';
import {
  type Answers,
  asked,
  behind,
  type Classifier,
  crossEntropy,
  type GraphStage,
  margin,
  type Objective,
  over,
  scoresOf,
  softmax,
} from '../models/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { type Images, int64, randomOf, rows, takeRows, toFloat, toUint8, zeros } from '../tensor/index.ts';
import { bitDepth, defend, featureSqueezing, median } from './index.ts';

const count = 16;
const classes = 10;
const images = toFloat(toUint8(filled('photographs', [count, 3, 16, 16], 0.2, 0.8)));
const labels = int64(Array.from({ length: count }, (_, i) => i % classes));
const random = randomOf(1, 'judge');

/** Largest L1 distance of probabilities from those of an image squeezed by the defense's own squeezers. */
async function moved(model: Classifier, of: Images, squeezers: readonly Classifier[]): Promise<number[]> {
  const probabilities = async (m: Classifier): Promise<Float64Array> =>
    softmax(scoresOf(await m.answers(asked(of))));
  const own = await probabilities(model);
  const others = await Promise.all(squeezers.map(probabilities));
  return Array.from({ length: of.shape[0] as number }, (_, n) =>
    Math.max(
      ...others.map((other) => {
        let sum = 0;
        for (let k = n * classes; k < (n + 1) * classes; k++)
          sum += Math.abs((own[k] as number) - (other[k] as number));
        return sum;
      }),
    ),
  );
}

const declined = ({ classes: found }: Answers): boolean[] => [...found].map((c) => c < 0);

/** The detector's own number, as an objective sees it. */
const rejecting: Objective = { key: 'reject', build: (_b, net) => net.output('reject') };

describe('the detector', () => {
  test('abstains above its threshold, and else answers as the network', async () => {
    const model = tinyModel();
    const squeezers = [defend(model, bitDepth, { bits: 4 }), defend(model, median, { size: 2 })];
    const far = await moved(model, images, squeezers);
    const sorted = far.toSorted((a, b) => a - b);
    const plain = await model.answers(asked(images));
    for (const among of [0, 3, 8, 15]) {
      // Between two of the distances.
      const threshold = ((sorted[among] as number) + (sorted[among + 1] ?? 2)) / 2;
      const defended = defend(model, featureSqueezing, { bits: 4, window: 2, threshold });
      expect(defended.name).toBe('feature-squeezing(tiny)');
      const answers = await defended.answers(asked(images));
      expect(declined(answers)).toEqual(far.map((distance) => distance > threshold));
      expect(declined(answers).filter(Boolean).length).toBe(count - 1 - among);
      close(
        answers.extra?.['reject'] ?? [],
        far.map((distance) => distance - threshold),
        12,
      );
      expect(answers.scores).toEqual(plain.scores);
      const kept = [...answers.classes.keys()].filter((i) => (answers.classes[i] as number) >= 0);
      expect(kept.map((i) => answers.classes[i])).toEqual(kept.map((i) => plain.classes[i]));
      const gradient = await defended.gradient(asked(images), margin(), { labels });
      expect(gradient.classes).toEqual(answers.classes);
      expect(gradient.extra).toEqual(answers.extra);
      expect(gradient.gradient).toEqual((await model.gradient(asked(images), margin(), { labels })).gradient);
    }
    await model.release();
  });

  test('lets all pass at the largest distance that there is', async () => {
    const defended = defend(tinyModel(), featureSqueezing, { threshold: 2 });
    expect(declined(await defended.answers(asked(images)))).toEqual(
      Array.from({ length: count }, () => false),
    );
    await defended.release();
  });

  test('a flat image is not moved, whatever the squeezer', async () => {
    const defended = defend(tinyModel(), featureSqueezing, { threshold: 0, bits: 8, window: 3 });
    const flat = { ...zeros([2, 3, 16, 16]), data: new Float32Array(2 * 768).fill(128 / 255) };
    const { classes: found, extra } = await defended.answers(asked(flat));
    expect([...(extra?.['reject'] ?? [])]).toEqual([0, 0]);
    expect([...found].every((c) => c >= 0)).toBe(true);
    await defended.release();
  });

  test('the same pixels are answered alike in any batch and order, after any work', async () => {
    const defended = defend(tinyModel(), featureSqueezing, { threshold: 0.5 });
    const bits = async (which: readonly number[]): Promise<unknown[]> => {
      const of = takeRows(images, which);
      const { classes: found, scores, extra } = await defended.answers(asked(of));
      const { value } = await defended.gradient(asked(of), rejecting, {});
      return which.map((_, n) => [
        found[n],
        rows(scores as Images, n, n + 1).data,
        extra?.['reject']?.[n],
        value[n],
      ]);
    };
    const all = Array.from({ length: count }, (_, i) => i);
    const whole = await bits(all);
    for (const which of [all.toReversed(), [7], [2, 2, 2], [9, 0, 4, 15, 1]])
      expect(await bits(which)).toEqual(which.map((i) => whole[i]));
    await defended.release();
  });
});

describe('its number as an objective sees it', () => {
  test('is that of the loops where the twins are exact', async () => {
    // 8 bits of levels are the levels themselves, and the median as a graph is the median.
    const model = tinyModel();
    for (const window of [2, 3]) {
      const far = await moved(model, images, [defend(model, median, { size: window })]);
      const threshold = far.toSorted((a, b) => a - b)[count / 2] as number;
      const defended = defend(model, featureSqueezing, { bits: 8, window, threshold });
      const { value, extra, classes: found } = await defended.gradient(asked(images), rejecting, {});
      close(value, [...(extra?.['reject'] ?? [])], 6);
      close(
        value,
        far.map((distance) => distance - threshold),
        6,
      );
      expect([...found].map((c) => c < 0)).toEqual(far.map((distance) => distance > threshold));
      expect([...found].filter((c) => c < 0).length).toBe(count / 2 - 1);
    }
    await model.release();
  });

  test('is climbed by its gradient, and is seen by a network run again', async () => {
    const defended = defend(tinyModel(), featureSqueezing, { bits: 8, threshold: 0.7 });
    const away: Objective = {
      key: 'away',
      build(b, net, given) {
        const clean = net.run(given('clean', { dtype: 'float32', shape: b.shape(net.images) }));
        return b.op('Sub', [net.output('reject'), clean.output('reject')]);
      },
    };
    const clean = toFloat(toUint8(filled('clean', [count, 3, 16, 16])));
    const { value, gradient } = await defended.gradient(asked(images), away, { clean });
    const [own, other] = await Promise.all(
      [images, clean].map(async (of) => (await defended.answers(asked(of))).extra?.['reject'] ?? []),
    );
    close(
      value,
      Array.from(own ?? [], (r, i) => r - (other?.[i] as number)),
      5,
    );
    // A small step along the gradient raises it by about its squared length.
    const norms = Array.from({ length: count }, (_, n) => Math.hypot(...rows(gradient, n, n + 1).data));
    const step = 1e-3;
    const data = images.data.map(
      (v, i) => v + (step * (gradient.data[i] as number)) / (norms[Math.floor(i / 768)] as number),
    );
    const after = await defended.gradient(asked({ ...images, data }), away, { clean });
    const rises = Array.from(
      after.value,
      (v, i) => (v - (value[i] as number)) / (step * (norms[i] as number)),
    );
    // Pixels that change their order, and bends of the network, turn some.
    expect(rises.filter((r) => Math.abs(r - 1) < 0.2).length).toBeGreaterThan(0.7 * count);
    await defended.release();
  });

  test('of another threshold is another objective', async () => {
    const model = tinyModel();
    for (const threshold of [0.25, 0.75]) {
      const defended = defend(model, featureSqueezing, { bits: 8, threshold });
      const { value, extra } = await defended.gradient(asked(images), rejecting, {});
      close(value, [...(extra?.['reject'] ?? [])], 5);
    }
    await model.release();
  });
});

describe('over other models', () => {
  test('a random one is squeezed in one draw', async () => {
    const noise: GraphStage = {
      name: 'noise',
      draws: {
        shapes: ({ channels, height, width }) => ({ noise: [channels, height, width] }),
        fill: ({ noise: out }, stream) => stream.fillNormal(out as Float32Array, 0, 0.2),
      },
      graph({ channels, height, width }) {
        const b = new GraphBuilder(undefined, { name: 'noise' });
        const shape = ['N', channels, height, width];
        b.output(
          b.op('Add', [b.input('images', 'float32', shape), b.input('noise', 'float32', shape)]),
          'images_out',
        );
        return b.finish();
      },
    };
    const shaken = behind(noise, tinyModel(), random);
    const defended = defend(shaken, featureSqueezing, { threshold: 0, bits: 8, window: 3 }, random);
    expect(defended.random).toBe(true);
    const flat = { ...zeros([2, 3, 16, 16]), data: new Float32Array(2 * 768).fill(0.2) };
    const { extra } = await defended.answers(asked(flat, ['a', 'b'], 5));
    expect([...(extra?.['reject'] ?? [])]).toEqual([0, 0]);
    const [first, second] = [
      await defended.answers(asked(flat)),
      await defended.answers(asked(flat, undefined, 1)),
    ];
    expect(first.scores).not.toEqual(second.scores);
    await defended.release();
  });

  test('what abstains by itself goes on abstaining', async () => {
    const model = tinyModel();
    const shy = over(model, {
      answers: async (q) => ({ ...(await model.answers(q)), classes: new Int32Array(q.ids.length).fill(-1) }),
    });
    const defended = defend(shy, featureSqueezing, { threshold: 2 });
    expect(declined(await defended.answers(asked(images)))).toEqual(
      Array.from({ length: count }, () => true),
    );
    await model.release();
  });

  test('gradients are led through what has none where that is asked for', async () => {
    const defended = defend(defend(tinyModel(), bitDepth, { bits: 5 }), featureSqueezing, { threshold: 1 });
    await expect(defended.gradient(asked(images), crossEntropy(), { labels })).rejects.toMatchObject({
      code: 'NO_GRADIENT',
    });
    const seen = defended.approximate?.('surrogate') as Classifier;
    const { classes: found, gradient } = await seen.gradient(asked(images), crossEntropy(), { labels });
    expect(found).toEqual((await defended.answers(asked(images))).classes);
    expect(gradient.data.some((g) => g !== 0)).toBe(true);
    await seen.release();
  });
});
