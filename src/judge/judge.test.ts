import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Attack, defineAttack, fgsm, noop, randomNoise } from '../attacks/index.ts';
import { type Classifier, graphClassifier } from '../models/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { clone, type Images, int64, tensor, toFloat } from '../tensor/index.ts';
import { attack } from './attack.ts';
import { judgeImages } from './judge-images.ts';

/** Two classes by the sum of four pixels: class 1 where it is above 2. */
function bright(): Classifier {
  const b = new GraphBuilder(undefined, { name: 'bright' });
  const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 2, 2])], { axis: 1 });
  const weight = tensor(Float32Array.from([-1, 1, -1, 1, -1, 1, -1, 1]), [4, 2]);
  const bias = tensor(Float32Array.from([2, -2]), [2]);
  const out = b.output(b.op('Gemm', [x, b.constant(weight), b.constant(bias)]), 'logits');
  return graphClassifier(
    {
      graph: b.finish(),
      input: { channels: 1, height: 2, width: 2 },
      classes: 2,
      heads: [{ logits: out, weight: 1 }],
      flags: [],
      indexOffset: 0,
      labelOffset: 0,
      maxRows: 64,
    },
    { name: 'bright' },
  );
}

/** Grey levels 100 (sum 1.57, class 0), 130 (2.04, class 1), 200 (3.1, class 1). */
const images = tensor<'uint8'>(
  Uint8Array.from([100, 130, 200].flatMap((v) => [v, v, v, v])),
  [3, 1, 2, 2],
  'uint8',
);

/** An attack that returns what it is told to. */
function proposing(change: (images: Images) => Images, access: Attack['access'] = 'none'): Attack {
  return defineAttack({
    name: 'proposing',
    title: 'Returns what it is told to',
    paper: 'test',
    access,
    norms: ['linf', 'l2'],
    goals: ['untargeted', 'targeted'],
    options: z.strictObject({}),
    // oxlint-disable-next-line require-yield -- it has no steps
    async *run({ batch }) {
      return change(clone(batch.images));
    },
  });
}

describe('images', () => {
  const clean = tensor(Float32Array.from([0, 128 / 255, 1, 64 / 255]), [1, 1, 2, 2]);

  test('what leaves ball or box is brought back, and told', () => {
    const wild = tensor(Float32Array.from([-5, 0.9, 7, 0.25]), [1, 1, 2, 2]);
    const judged = judgeImages(wild, clean, { norm: 'linf', epsilon: 8 / 255, pixels: '8-bit' });
    expect([...(judged.bytes?.data ?? [])]).toEqual([0, 136, 255, 64]);
    expect(judged.outside).toBe(1);
  });

  test('rounding stays inside: 8.4 levels are 8', () => {
    const proposed = tensor(
      clean.data.map((v) => Math.min(1, v + 8.4 / 255)),
      clean.shape,
    );
    const judged = judgeImages(proposed, clean, { norm: 'linf', epsilon: 8.4 / 255, pixels: '8-bit' });
    expect([...(judged.bytes?.data ?? [])]).toEqual([8, 136, 255, 72]);
    expect(judged.outside).toBe(0);
  });

  test('float32 pixels are left as they are', () => {
    const proposed = tensor(
      clean.data.map((v) => v * 0.999),
      clean.shape,
    );
    const judged = judgeImages(proposed, clean, { norm: 'linf', epsilon: 8 / 255, pixels: 'float32' });
    expect(judged.bytes).toBeUndefined();
    expect([...judged.images.data]).toEqual([...proposed.data]);
  });
});

describe('attack', () => {
  const labels = [0, 1, 0];

  test('accuracies are over all images; those wrong when clean are no success', async () => {
    const result = await attack(bright(), fgsm, { images, labels, epsilon: 8 / 255 });
    expect(result.cleanAccuracy).toBeCloseTo(2 / 3);
    expect(result.robustAccuracy).toBeCloseTo(1 / 3);
    expect(result.samples.map((s) => [s.clean, s.adversarial, s.success])).toEqual([
      [0, 0, false],
      [1, 0, true],
      [1, 1, false],
    ]);
    expect(result.samples[1]).toMatchObject({ id: '1', label: 1, queries: 0 });
    expect(result.samples[1]?.linf).toBeCloseTo(8 / 255, 6);
    expect(result.samples[1]?.margin).toBeCloseTo(2 * (2 - (4 * 122) / 255), 4);
    expect([result.gradients, result.queries]).toEqual([3, 0]);
  });

  test('figures come from the judge: an attack that cheats gains nothing', async () => {
    const wild = proposing((x) => {
      x.data.fill(0);
      return x;
    });
    const result = await attack(bright(), wild, { images, labels, epsilon: 1 / 255 });
    expect(result.robustAccuracy).toBeCloseTo(2 / 3);
    expect(result.flags.map((f) => f.code)).toEqual(['OUTSIDE_LIMIT']);
    for (const s of result.samples) expect(s.linf).toBeLessThanOrEqual(1 / 255 + 1e-7);
  });

  test('images that are not finite, or of another shape, are refused', async () => {
    const nan = proposing((x) => {
      x.data[5] = Number.NaN;
      return x;
    });
    await expect(attack(bright(), nan, { images, labels, epsilon: 0.1 })).rejects.toMatchObject({
      code: 'ATTACK_IMAGES',
    });
    const cut = proposing((x) => ({ ...x, shape: [1, 1, 2, 2], data: x.data.slice(0, 4) }));
    await expect(attack(bright(), cut, { images, labels, epsilon: 0.1 })).rejects.toMatchObject({
      code: 'ATTACK_IMAGES',
    });
  });

  test('an attack gets no more than it declares', async () => {
    const greedy = defineAttack({
      ...proposing((x) => x),
      options: z.strictObject({}),
      // oxlint-disable-next-line require-yield -- it has no steps
      async *run({ model, batch }) {
        await model.scores({ images: batch.images, ids: batch.ids });
        return batch.images;
      },
    });
    await expect(attack(bright(), greedy, { images, labels, epsilon: 0.1 })).rejects.toMatchObject({
      code: 'ACCESS',
    });
  });

  test("the source's own answers as labels: the image wrong when clean is moved too", async () => {
    const own = await attack(bright(), fgsm, { images, labels, epsilon: 255, labelsFrom: 'predicted' });
    expect(own.samples.map((s) => s.adversarial)).toEqual([1, 0, 0]);
    expect(own.queries).toBe(3);
  });

  test('a wrapped model is judged as it is, not as the file that its spec still names', async () => {
    const model = {
      ...bright(),
      spec: { file: 'elsewhere.onnx' },
      scores: async () => tensor(new Float32Array(6), [3, 2]),
    };
    const result = await attack(model, noop, { images, labels, epsilon: 0.1 });
    expect(result.samples.map((s) => [s.adversarial, s.margin])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('least likely: the class that the source named must be reached', async () => {
    const result = await attack(bright(), fgsm, { images, labels, epsilon: 8 / 255, goal: 'least-likely' });
    expect(result.samples.map((s) => [s.target, s.adversarial, s.success])).toEqual([
      [1, 0, false],
      [0, 0, true],
      [0, 1, false],
    ]);
  });

  test('targets: reached means answered with the target', async () => {
    const result = await attack(bright(), fgsm, {
      images,
      labels,
      epsilon: 40 / 255,
      goal: 'targeted',
      targets: [1, 0, 1],
    });
    expect(result.samples.map((s) => [s.target, s.adversarial, s.success])).toEqual([
      [1, 1, true],
      [0, 0, true],
      [1, 1, true],
    ]);
  });

  test.for([
    [{ epsilon: 0 }, 'EPSILON'],
    [{ epsilon: Number.NaN }, 'EPSILON'],
    [{ labels: [0, 1] }, 'LABEL'],
    [{ labels: [0, 1, 2] }, 'LABEL'],
    [{ goal: 'targeted' as const }, 'ATTACK_GOAL'],
    [{ goal: 'targeted' as const, targets: [0, 0, 1] }, 'TARGET'],
    [{ options: { step: 3 } }, 'OPTION'],
    [{ norm: 'l1' as const }, 'ATTACK_NORM'],
    [{ images: tensor(new Float32Array(12).fill(0.3333), [3, 1, 2, 2]) }, 'PIXELS'],
  ])('%j is refused as %s', async ([over, code]) => {
    await expect(
      attack(bright(), fgsm, { images, labels, epsilon: 0.1, ...(over as object) }),
    ).rejects.toMatchObject({ code });
  });

  test('float32 images go with float32 judging', async () => {
    const grey = tensor(new Float32Array(12).fill(0.3333), [3, 1, 2, 2]);
    const result = await attack(bright(), noop, { images: grey, labels, epsilon: 0.1, pixels: 'float32' });
    expect(result.samples.every((s) => s.linf === 0)).toBe(true);
  });

  test('early stop: fooled images stay as they were then and cost no more', async () => {
    const climbing = defineAttack({
      ...proposing((x) => x, 'gradient'),
      options: z.strictObject({}),
      async *run({ model, batch, goal, limit }) {
        const x = clone(batch.images);
        for (let step = 0; step < 6; step++) {
          const { gradient } = await model.gradient(
            { images: x, ids: batch.ids },
            (await import('../models/index.ts')).margin(),
            {
              labels: int64(goal.classes),
            },
          );
          for (let i = 0; i < x.data.length; i++)
            x.data[i] = (x.data[i] as number) + 0.02 * Math.sign(gradient.data[i] as number);
          limit.project(x, batch.images);
          yield x;
        }
        return x;
      },
    });
    const all = await attack(bright(), climbing, { images, labels: [0, 1, 1], epsilon: 0.2 });
    const stopped = await attack(bright(), climbing, {
      images,
      labels: [0, 1, 1],
      epsilon: 0.2,
      stopEarly: true,
    });
    expect(stopped.robustAccuracy).toBe(all.robustAccuracy);
    expect(stopped.gradients).toBeLessThan(all.gradients);
    expect(stopped.samples[1]?.linf).toBeLessThan(all.samples[1]?.linf as number);
  });

  test('early stop: an image that rounding brings back goes on', async () => {
    const creeping = defineAttack({
      ...proposing((x) => x, 'scores'),
      options: z.strictObject({}),
      async *run({ model, batch }) {
        const x = clone(batch.images);
        for (let step = 0; step < 8; step++) {
          x.data[0] = (x.data[0] as number) - 0.3 / 255;
          await model.scores({ images: x, ids: batch.ids });
          yield x;
        }
        return x;
      },
    });
    // The sum of the levels is 511, one above the bound: after four steps below it, but not as 8 bits.
    const close = tensor<'uint8'>(Uint8Array.from([131, 127, 127, 126]), [1, 1, 2, 2], 'uint8');
    const request = { images: close, labels: [1], epsilon: 0.2, stopEarly: true };
    const [rounded, exact] = [
      await attack(bright(), creeping, request),
      await attack(bright(), creeping, { ...request, pixels: 'float32', images: toFloat(close) }),
    ];
    expect([rounded.robustAccuracy, exact.robustAccuracy]).toEqual([0, 0]);
    expect(exact.samples[0]?.linf).toBeCloseTo(1.2 / 255, 6);
    expect(rounded.samples[0]?.linf).toBeCloseTo(2 / 255, 6);
  });

  test('zero gradients are told once for all images, however they are cut', async () => {
    const b = new GraphBuilder(undefined, { name: 'flat' });
    const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 2, 2])], { axis: 1 });
    const weight = b.constant(tensor(new Float32Array(8), [4, 2]));
    const out = b.output(b.op('MatMul', [x, weight]), 'logits');
    const flat = graphClassifier(
      {
        graph: b.finish(),
        input: { channels: 1, height: 2, width: 2 },
        classes: 2,
        heads: [{ logits: out, weight: 1 }],
        flags: [],
        indexOffset: 0,
        labelOffset: 0,
        maxRows: 1,
      },
      { name: 'flat' },
    );
    const { flags } = await attack(flat, fgsm, { images, labels: [0, 1, 1], epsilon: 0.1 });
    expect(flags).toEqual([
      {
        code: 'ZERO_GRADIENT',
        message: 'flat gave a gradient of zero for 3 of 3 images: it may mask its gradients.',
      },
    ]);
  });

  test('every image has an id of its own', async () => {
    const refused = (ids: string[]): Promise<unknown> =>
      attack(bright(), noop, { images, labels: [0, 1, 1], ids, epsilon: 0.1 }).catch(
        ({ message }) => message,
      );
    expect(await refused(['a', 'b', 'a'])).toBe('Two images have the id "a".');
    expect(await refused(['a', 'b'])).toBe('There are 2 ids for 3 images.');
  });

  test('no images are no error', async () => {
    const none = tensor<'uint8'>(new Uint8Array(0), [0, 1, 2, 2], 'uint8');
    const result = await attack(bright(), randomNoise, { images: none, labels: [], epsilon: 0.1 });
    expect([result.samples, result.robustAccuracy]).toEqual([[], 0]);
  });
});
