import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bright, brightImages as images } from '../../test/bright.ts';
import { imageGraph } from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { type Attack, defineAttack, featureDistortion, fgsm, noop, randomNoise } from '../attacks/index.ts';
import { graphClassifier, labelTensor, madeFrom, margin, over } from '../models/index.ts';
import { clone, type Images, limitOf, tensor, toFloat } from '../tensor/index.ts';
import { attack } from './attack.ts';
import { judgeImages } from './judge-images.ts';

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
    const judged = judgeImages(wild, limitOf({ norm: 'linf', epsilon: 8 / 255 }, clean));
    expect([...(judged.bytes?.data ?? [])]).toEqual([0, 136, 255, 64]);
    expect(judged.outside).toBe(1);
  });

  test('rounding stays inside: 8.4 levels are 8', () => {
    const proposed = tensor(
      clean.data.map((v) => Math.min(1, v + 8.4 / 255)),
      clean.shape,
    );
    const judged = judgeImages(proposed, limitOf({ norm: 'linf', epsilon: 8.4 / 255 }, clean));
    expect([...(judged.bytes?.data ?? [])]).toEqual([8, 136, 255, 72]);
    expect(judged.outside).toBe(0);
  });

  test('float32 pixels are left as they are', () => {
    const proposed = tensor(
      clean.data.map((v) => v * 0.999),
      clean.shape,
    );
    const limit = limitOf({ norm: 'linf', epsilon: 8 / 255 }, clean, { pixels: 'float32' });
    const judged = judgeImages(proposed, limit);
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
    expect(result.samples[1]).toMatchObject({
      id: '1',
      label: 1,
      asked: { decisions: 0, scores: 0, gradients: 1 },
    });
    expect(result.samples[1]?.linf).toBeCloseTo(8 / 255, 6);
    expect(result.samples[1]?.margin).toBeCloseTo(2 * (2 - (4 * 122) / 255), 4);
    expect(result.asked).toEqual({ decisions: 0, scores: 0, gradients: 3 });
    expect(result.confirmations).toBe(0);
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
      message: 'The attack proposing returned pixels that are not finite.',
      remedy: 'This is a defect of the attack: no image of this batch counts.',
      broken: true,
    });
    const cut = proposing((x) => ({ ...x, shape: [1, 1, 2, 2], data: x.data.slice(0, 4) }));
    await expect(attack(bright(), cut, { images, labels, epsilon: 0.1 })).rejects.toMatchObject({
      code: 'ATTACK_IMAGES',
      message: 'The attack proposing returned 4 numbers of shape [1, 1, 2, 2].',
      broken: true,
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
    // The refusal ends in the attack, so it is the attack that failed.
    await expect(attack(bright(), greedy, { images, labels, epsilon: 0.1 })).rejects.toMatchObject({
      code: 'ATTACK_FAILED',
      cause: { code: 'ACCESS' },
    });
  });

  test("the source's own answers as labels: the image wrong when clean is moved too", async () => {
    const own = await attack(bright(), fgsm, { images, labels, epsilon: 1, labelsFrom: 'predicted' });
    expect(own.samples.map((s) => s.adversarial)).toEqual([1, 0, 0]);
    // The runner asks for them, so they are no questions of the attack.
    expect([own.asked.scores, own.confirmations]).toEqual([0, 3]);
  });

  test('a wrapped model is judged as it is, not as the file that it was made from', async () => {
    const made = madeFrom(bright(), { model: { file: 'elsewhere.onnx' } });
    const model = over(made, {
      answers: async () => ({ classes: new Int32Array(3), scores: tensor(new Float32Array(6), [3, 2]) }),
    });
    const result = await attack(model, noop, { images, labels, epsilon: 0.1 });
    expect(result.samples.map((s) => [s.adversarial, s.margin])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('least likely: the class that the source named must be reached, and is never the true one', async () => {
    const result = await attack(bright(), fgsm, { images, labels, epsilon: 8 / 255, goal: 'least-likely' });
    expect(result.samples.map((s) => [s.target, s.adversarial, s.success])).toEqual([
      [1, 0, false],
      [0, 0, true],
      [1, 1, true],
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

  test('requests that do not fit are refused', async () => {
    const by = (change: object) => () => attack(bright(), fgsm, { images, labels, epsilon: 0.1, ...change });
    const grey = tensor(new Float32Array(12).fill(0.3333), [3, 1, 2, 2]);
    expect(
      await told({
        'a radius of 0': by({ epsilon: 0 }),
        'no radius': by({ epsilon: Number.NaN }),
        'two labels': by({ labels: [0, 1] }),
        'a label that is no class': by({ labels: [0, 1, 2] }),
        'two targets': by({ goal: 'targeted', targets: [0, 1] }),
        'no targets': by({ goal: 'targeted' }),
        'a target that is no class': by({ goal: 'targeted', targets: [0, 0.5, 1] }),
        'a target that is the label': by({ goal: 'targeted', targets: [0, 0, 1] }),
        'another option': by({ options: { step: 3 } }),
        'another norm': by({ norm: 'l0' }),
        'another goal': () =>
          attack(bright(), featureDistortion, {
            images,
            labels,
            epsilon: 0.1,
            goal: 'targeted',
            targets: [1, 0, 1],
          }),
        'pixels between levels': by({ images: grey }),
        'two ids': by({ ids: ['a', 'b'] }),
        'an id twice': by({ ids: ['a', 'b', 'a'] }),
        'a stop': by({ signal: AbortSignal.abort() }),
      }),
    ).toMatchInlineSnapshot(`
      "a radius of 0: EPSILON epsilon is 0. | Give a positive number in pixel units of [0,1], at most 1, such as 8/255.
      no radius: EPSILON epsilon is NaN. | Give a positive number in pixel units of [0,1], at most 1, such as 8/255.
      two labels: LABEL There are 2 labels for 3 images. | Give one label per image.
      a label that is no class: LABEL The label of image 2 is class 2; bright has 2 classes, counted from 0. | Check the labels, and the label offset of the model.
      two targets: TARGET There are 2 targets for 3 images. | Give one target per image.
      no targets: ATTACK_GOAL A targeted attack needs target classes. | Give targets: --targets next|random|csv|FILE.npy, or a column TargetClass in the labels.
      a target that is no class: TARGET The target of image 1 is class 0.5; bright has 2 classes, counted from 0. | Check the labels, and the label offset of the model.
      a target that is the label: TARGET The target of image 0 is its true label. | Give every image another class as its target.
      another option: OPTION The attack fgsm has no option "step". | It takes no options.
      another norm: ATTACK_NORM The attack fgsm does not work in l0. | Choose one of its norms: linf, l2, l1.
      another goal: ATTACK_GOAL The attack feature-distortion has no targeted form. | Choose one of its goals: untargeted.
      pixels between levels: PIXELS The images are not 8-bit: they hold values between the levels of 1/255. | Judge them without rounding: --pixels float32 (pixels: "float32").
      two ids: ID There are 2 ids for 3 images. | Give every image an id of its own.
      an id twice: ID Two images have the id "a". | Give every image an id of its own.
      a stop: STOPPED The attack was stopped."
    `);
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
          const labels = { labels: labelTensor(goal.classes) };
          const { gradient } = await model.gradient({ images: x, ids: batch.ids }, margin(), labels);
          for (let i = 0; i < x.data.length; i++)
            x.data[i] = (x.data[i] as number) + 0.02 * Math.sign(gradient.data[i] as number);
          limit.project(x);
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
    expect(stopped.asked.gradients).toBeLessThan(all.asked.gradients);
    expect(stopped.samples[1]?.linf).toBeLessThan(all.samples[1]?.linf as number);
  });

  test('early stop: an image that rounding brings back goes on', async () => {
    const creeping = defineAttack({
      ...proposing((x) => x, 'scores'),
      options: z.strictObject({}),
      async *run({ model, batch }) {
        const x = clone(batch.images);
        for (let step = 0; step < 8; step++) {
          for (let i = 0; i < x.data.length; i++) x.data[i] = (x.data[i] as number) - 0.12 / 255;
          await model.scores({ images: x, ids: batch.ids });
          yield x;
        }
        return x;
      },
    });
    // The levels sum to 511, one above the bound: below it after three steps, but not as 8 bits before the fifth.
    const close = tensor<'uint8'>(Uint8Array.from([130, 127, 127, 127]), [1, 1, 2, 2], 'uint8');
    const request = { images: close, labels: [1], epsilon: 0.2, stopEarly: true };
    const [rounded, exact] = [
      await attack(bright(), creeping, request),
      await attack(bright(), creeping, { ...request, pixels: 'float32', images: toFloat(close) }),
    ];
    expect([rounded.robustAccuracy, exact.robustAccuracy]).toEqual([0, 0]);
    expect([rounded.asked.scores, exact.asked.scores]).toEqual([5, 3]);
    expect(exact.samples[0]?.linf).toBeCloseTo(0.36 / 255, 6);
    expect(rounded.samples[0]?.linf).toBeCloseTo(1 / 255, 6);
  });

  test('zero gradients are told once for all images, however they are cut', async () => {
    const weight = tensor(new Float32Array(8), [4, 2]);
    const image = imageGraph(
      { channels: 1, height: 2, width: 2 },
      (b, x) => b.op('MatMul', [b.op('Flatten', [x], { axis: 1 }), b.constant(weight)]),
      { maxRows: 1 },
    );
    const flat = graphClassifier(image, { name: 'flat' });
    const { flags } = await attack(flat, fgsm, { images, labels: [0, 1, 1], epsilon: 0.2 });
    expect(flags).toEqual([
      {
        code: 'ZERO_GRADIENT',
        message:
          'flat gave a gradient of zero for 3 of 3 images: it is so sure there that the loss is flat (pgd with loss=margin or loss=carlini-wagner goes on), saturates within, is piecewise constant, as decision trees and rounding are, or hides its gradients (attack by scores or decisions).',
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
