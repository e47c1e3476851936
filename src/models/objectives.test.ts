import { describe, expect, test } from 'vitest';
import { close, filled, imageGraph, linearNetwork, small } from '../../test/small-models.ts';
import { int64, rows, tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { fuse } from './ensemble.ts';
import { graphClassifier } from './graph-classifier.ts';
import {
  carliniWagner,
  crossEntropy,
  dlr,
  dlrTargeted,
  logit,
  logitSum,
  margin,
  type Objective,
  probabilityMargin,
} from './objectives.ts';

/** Objectives over logits that are themselves the input: gradients are those of the logits. */
async function logitGradient(
  objective: Objective,
  logits: number[],
  label: number,
  target?: number,
): Promise<{ value: number; gradient: number[] }> {
  const width = logits.length;
  const model = small({ channels: 1, height: 1, width }, (b, images) =>
    b.op('Flatten', [images], { axis: 1 }),
  );
  const images = tensor(Float32Array.from(logits), [1, 1, 1, width]);
  const answer = await model.gradient(asked(images), objective, {
    labels: int64([label]),
    ...(target !== undefined && { targets: int64([target]) }),
  });
  await model.release();
  return { value: answer.value[0] as number, gradient: [...answer.gradient.data] };
}

describe('objectives', () => {
  const softmax = (z: readonly number[]): number[] => {
    const top = Math.max(...z);
    const e = z.map((v) => Math.exp(v - top));
    const sum = e.reduce((a, v) => a + v, 0);
    return e.map((v) => v / sum);
  };

  test('cross-entropy: value and gradient', async () => {
    const z = [0.3, -1.2, 2, 0.7];
    const p = softmax(z);
    const { value, gradient } = await logitGradient(crossEntropy(), z, 3);
    expect(value).toBeCloseTo(-Math.log(p[3] as number), 5);
    close(
      gradient,
      p.map((v, k) => (k === 3 ? v - 1 : v)),
    );
  });

  test('cross-entropy keeps the gradient of the label on an image of which the model is sure', async () => {
    const z = [40, 5, 3];
    const p = softmax(z);
    const { gradient } = await logitGradient(crossEntropy(), z, 0);
    const others = (p[1] as number) + (p[2] as number);
    expect(others).toBeLessThan(2 ** -24);
    expect((gradient[0] as number) / -others).toBeCloseTo(1, 5);
    expect((gradient[1] as number) / (p[1] as number)).toBeCloseTo(1, 5);
  });

  test.each([4, 5, 7])('label smoothing spreads the label evenly over %i classes', async (classes) => {
    const z = [0.3, -1.2, 2, 0.7, 1.1, -0.4, 0.2].slice(0, classes);
    const p = softmax(z);
    const q = z.map((_, k) => (k === 1 ? 0.9 : 0) + 0.1 / classes);
    const { value, gradient } = await logitGradient(crossEntropy({ smoothing: 0.1 }), z, 1);
    expect(value).toBeCloseTo(-q.reduce((a, v, k) => a + v * Math.log(p[k] as number), 0), 5);
    close(
      gradient,
      p.map((v, k) => v - (q[k] as number)),
    );
  });

  test.each([crossEntropy(), crossEntropy({ smoothing: 0.1 }), margin()])(
    'a gradient is the same to the bit whatever the place in the batch: $key',
    async (objective) => {
      const classes = 10;
      const input = { channels: 1, height: 4, width: 4 };
      const image = imageGraph(input, linearNetwork(input, classes));
      const ensemble = fuse([image, image], { name: 'both', fusion: 'probabilities' });
      const images = filled('pixels', [24, 1, 4, 4]);
      for (const graph of [image, ensemble]) {
        const model = graphClassifier(graph, { name: 'linear' });
        const answers = async (from: number, to: number): Promise<number[][]> => {
          const places = Array.from({ length: to - from }, (_, i) => from + i);
          const { gradient, scores } = await model.gradient(
            asked(rows(images, from, to), places.map(String)),
            objective,
            { labels: int64(places.map((i) => i % classes)) },
          );
          return places.map((_, i) => [...rows(gradient, i, i + 1).data, ...rows(scores, i, i + 1).data]);
        };
        const whole = await answers(0, 24);
        for (const size of [1, 5, 7])
          for (let from = 0; from < 24; from += size) {
            const to = Math.min(24, from + size);
            expect(await answers(from, to)).toEqual(whole.slice(from, to));
          }
        await model.release();
      }
    },
  );

  test('margin and Carlini-Wagner', async () => {
    expect(await logitGradient(margin(), [1, 3, 2], 1)).toEqual({ value: -1, gradient: [0, -1, 1] });
    expect(await logitGradient(carliniWagner({ confidence: 0.5 }), [1, 3, 2], 2)).toEqual({
      value: 0.5,
      gradient: [0, 0, 0],
    });
    expect(await logitGradient(carliniWagner({ confidence: 5 }), [1, 3, 2], 2)).toEqual({
      value: 1,
      gradient: [0, 1, -1],
    });
    // Towards a class it is to fall, and is flat once that class is ahead.
    expect(await logitGradient(carliniWagner({ towards: true }), [1, 3, 2], 2)).toEqual({
      value: 1,
      gradient: [0, 1, -1],
    });
    expect(await logitGradient(carliniWagner({ confidence: 0.5, towards: true }), [1, 3, 2], 1)).toEqual({
      value: -0.5,
      gradient: [0, 0, 0],
    });
  });

  test('the sum of logits is that of all classes', async () => {
    expect(await logitGradient(logitSum(), [1, 3, 2], 2)).toEqual({ value: 6, gradient: [1, 1, 1] });
  });
});

describe('ratios and margins of shares', () => {
  test('the difference of logits ratio, at the values of its paper, whatever shift and scale', async () => {
    const values = async (z: number[]) =>
      Promise.all([0, 1, 2].map(async (y) => (await logitGradient(dlr(), z, y)).value));
    for (const z of [
      [3, 2, 1],
      [-4, -14, -24],
    ])
      close(await values(z), [-0.5, 0.5, 1]);
    // Towards the least likely class too, which is in the spread of three classes with its whole logit.
    expect((await logitGradient(dlr({ towards: true }), [4, 3, 2, 1], 3)).value).toBeCloseTo(3 / 2.5, 6);
    const { value } = await logitGradient(dlrTargeted(), [4, 3, 2, 1], 0, 1);
    expect(value).toBeCloseTo(-0.4, 6);
  });

  test('its gradient is that of a quotient, all of whose logits count', async () => {
    const z = [1.2, 3.1, -0.4, 2];
    const [step, at] = [1e-3, (i: number, by: number) => z.map((v, k) => (k === i ? v + by : v))];
    for (const [objective, target] of [
      [dlr(), undefined],
      [dlrTargeted(), 3],
    ] as const) {
      const { gradient } = await logitGradient(objective, z, 1, target);
      for (const i of z.keys()) {
        const [up, down] = await Promise.all(
          [step, -step].map((by) => logitGradient(objective, at(i, by), 1, target)),
        );
        expect(gradient[i]).toBeCloseTo(((up?.value ?? 0) - (down?.value ?? 0)) / (2 * step), 2);
      }
    }
  });

  test('the margin of shares goes on as that of logits where softmax is sure, and rises throughout', async () => {
    const { value, gradient } = await logitGradient(probabilityMargin(), [1, 0, 2], 0);
    const sum = Math.exp(1) + 1 + Math.exp(2);
    expect(value).toBeCloseTo((Math.exp(2) - Math.exp(1)) / sum, 5);
    expect(gradient[2]).toBeGreaterThan(0);
    const far = await logitGradient(probabilityMargin(), [30, 0, 2], 0);
    expect(far.value).toBeCloseTo(-17, 4);
    close(far.gradient, [-1, 0, 1]);
    const rising = await Promise.all(
      [20, 12.1, 11.9, 3, 0, -3, -11.9, -12.1, -20].map((z) =>
        logitGradient(probabilityMargin(), [z, 0, -60], 0),
      ),
    );
    const found = rising.map((r) => r.value);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  test('the logit is that of the label', async () => {
    const { value, gradient } = await logitGradient(logit(), [1, 5, 2], 1);
    expect(value).toBe(-5);
    expect(gradient.map((g) => g + 0)).toEqual([0, -1, 0]);
  });
});
