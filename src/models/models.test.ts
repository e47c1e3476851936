import { describe, expect, test } from 'vitest';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { int64, rows, type Tensor, tensor } from '../tensor/index.ts';
import { fuse } from './ensemble.ts';
import { graphClassifier } from './graph-classifier.ts';
import { metered } from './meter.ts';
import { type ImageGraph, networkGraph } from './network.ts';
import { carliniWagner, crossEntropy, margin, type Objective } from './objectives.ts';
import { inferSidecar, parseSidecar, type Sidecar } from './sidecar.ts';
import { staged } from './stages.ts';

const random = (() => {
  let state = 12345;
  return (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
})();
const fill = (shape: number[]): Tensor =>
  tensor(Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, random), shape);

/** A linear network over the mean of each channel, so that every step of preprocessing can be computed by hand. */
function channelMeans(weight: Tensor, options: { softmax?: boolean; batch?: number | string } = {}): Graph {
  const b = new GraphBuilder(undefined, { name: 'means' });
  const x = b.input('x', 'float32', [options.batch ?? 'N', 3, 4, 4]);
  const means = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
  const logits = b.op('MatMul', [means, b.constant(weight)]);
  b.output(options.softmax === true ? b.op('Softmax', [logits], { axis: 1 }) : logits, 'y');
  return b.finish();
}

const sidecar = (
  over: { channels?: string; classes?: number; labels?: object; mean?: number[] } = {},
): Sidecar =>
  parseSidecar(
    JSON.stringify({
      input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: over.channels ?? 'RGB' },
      preprocessing: { mean: over.mean ?? [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] },
      output: { name: 'y', kind: 'logits', classes: over.classes ?? 3 },
      ...(over.labels === undefined ? {} : { labels: over.labels }),
    }),
    'test.json',
  );

const identity = tensor(Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]), [3, 3]);
const flat = (r: number, g: number, b: number): Tensor =>
  tensor(
    Float32Array.from([
      ...Array.from({ length: 16 }, () => r),
      ...Array.from({ length: 16 }, () => g),
      ...Array.from({ length: 16 }, () => b),
    ]),
    [1, 3, 4, 4],
  );
const ask = (images: Tensor) => ({ images, ids: ['a'] });

const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 5): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, e] of expected.entries()) expect(actual[i]).toBeCloseTo(e, digits);
};

describe('from pixels to classes', () => {
  test('mean and std, RGB and BGR in their own channel order', async () => {
    const rgb = graphClassifier(networkGraph(channelMeans(identity), sidecar(), { name: 'rgb' }), {
      name: 'rgb',
    });
    close((await rgb.scores(ask(flat(0.6, 0.7, 0.9)))).data, [1, 2, 0.3]);
    const bgr = graphClassifier(
      networkGraph(channelMeans(identity), sidecar({ channels: 'BGR' }), { name: 'bgr' }),
      { name: 'bgr' },
    );
    close((await bgr.scores(ask(flat(0.9, 0.7, 0.6)))).data, [1, 2, 0.3]);
  });

  test("ImageNet's background column goes; its labels start at 1", () => {
    const labels = { dataset: 'imagenet-1k', offset: 0 };
    const many = networkGraph(channelMeans(fill([3, 1001])), sidecar({ labels, classes: 1001 }), {
      name: 'background',
    });
    expect([many.classes, many.indexOffset, many.labelOffset]).toEqual([1000, 1, 1]);
    const without = networkGraph(
      channelMeans(identity),
      sidecar({ labels: { dataset: 'imagenet-1k', offset: 1 } }),
      {
        name: 'plain',
      },
    );
    expect([without.classes, without.indexOffset, without.labelOffset]).toEqual([3, 0, 1]);
  });

  test('the resize between dataset and network is in the graph, and gradients pass it', async () => {
    const image = networkGraph(channelMeans(identity), sidecar(), {
      name: 'resized',
      size: { height: 8, width: 6 },
    });
    const model = graphClassifier(image, { name: 'resized' });
    const images = fill([2, 3, 8, 6]);
    const { gradient } = await model.gradient({ images, ids: ['a', 'b'] }, margin(), {
      labels: int64([0, 1]),
    });
    expect(gradient.shape).toEqual([2, 3, 8, 6]);
    const [own, other] = [0.5, 0.25];
    const sum = (from: number): number => gradient.data.subarray(from, from + 48).reduce((a, v) => a + v, 0);
    // The mean of a resized image is a weighted mean of its pixels, so the weights of a channel sum to 1/std.
    close([Math.abs(sum(0)), Math.abs(sum(144 + 48))], [1 / own, 1 / other], 4);
  });

  test('a softmax at the end is told, and left out where logits are asked for', async () => {
    const image = networkGraph(channelMeans(identity, { softmax: true }), sidecar(), { name: 'sure' });
    expect(image.flags.map((f) => f.code)).toEqual(['SOFTMAX_OUTPUT']);
    const logits = networkGraph(channelMeans(identity, { softmax: true }), sidecar(), {
      name: 'sure',
      logits: true,
    });
    expect(logits.flags).toEqual([]);
    close(
      (await graphClassifier(logits, { name: 'sure' }).scores(ask(flat(0.6, 0.7, 0.9)))).data,
      [1, 2, 0.3],
    );
    const log = (await graphClassifier(image, { name: 'sure' }).scores(ask(flat(0.6, 0.7, 0.9)))).data;
    const total = Math.exp(1) + Math.exp(2) + Math.exp(0.3);
    close(
      log,
      [1, 2, 0.3].map((z) => z - Math.log(total)),
    );
  });

  test('a fixed batch of 1 is freed where the shapes follow', async () => {
    const image = networkGraph(channelMeans(identity, { batch: 1 }), sidecar(), { name: 'one' });
    expect(image.maxRows).toBe(Number.POSITIVE_INFINITY);
    const images = tensor(
      Float32Array.from([...flat(0.6, 0.7, 0.9).data, ...flat(0.1, 0.2, 0.3).data]),
      [2, 3, 4, 4],
    );
    const scores = await graphClassifier(image, { name: 'one' }).scores({ images, ids: ['a', 'b'] });
    close(scores.data, [1, 2, 0.3, 0, 0, 0]);
  });

  test('a batch baked into a Reshape is run image by image, with a flag', async () => {
    const b = new GraphBuilder(undefined, { name: 'baked' });
    const x = b.input('x', 'float32', [1, 3, 4, 4]);
    const row = b.op('Reshape', [x, b.ints([1, 48])]);
    b.output(b.op('MatMul', [row, b.constant(fill([48, 3]))]), 'y');
    const image = networkGraph(b.finish(), sidecar(), { name: 'baked' });
    expect([image.maxRows, image.flags.map((f) => f.code)]).toEqual([1, ['FIXED_BATCH']]);
    const model = graphClassifier(image, { name: 'baked' });
    const scores = await model.scores({ images: fill([3, 3, 4, 4]), ids: ['a', 'b', 'c'] });
    expect(scores.shape).toEqual([3, 3]);
  });

  test('images of another size are refused with the remedy', async () => {
    const model = graphClassifier(networkGraph(channelMeans(identity), sidecar(), { name: 'm' }), {
      name: 'm',
    });
    await expect(model.scores({ images: fill([1, 3, 5, 4]), ids: ['a'] })).rejects.toMatchObject({
      code: 'IMAGE_SIZE',
      remedy: 'Load the model for the size of the images: loadModel(path, { size }).',
    });
  });

  test('a sidecar is inferred only where that is safe', () => {
    expect(inferSidecar(channelMeans(identity), 'm.onnx')).toMatchObject({
      input: { layout: 'NCHW', height: 4, width: 4, channels: 'RGB' },
      output: { classes: 3, kind: 'logits' },
    });
    const b = new GraphBuilder();
    b.output(b.op('Relu', [b.input('x', 'float32', ['N', 3, 'H', 'W'])]), 'y');
    expect(() => inferSidecar(b.finish(), 'm.onnx')).toThrow(
      'The size of the images cannot be known from the graph alone.',
    );
    const two = new GraphBuilder(channelMeans(identity));
    two.output('x', 'again');
    expect(() => inferSidecar(two.finish(), 'm.onnx')).toThrow('Which output holds the classes cannot');
  });
});

/** Objectives over logits that are themselves the input: gradients are those of the logits. */
async function logitGradient(
  objective: Objective,
  logits: number[],
  label: number,
): Promise<{ value: number; gradient: number[] }> {
  const b = new GraphBuilder();
  const images = b.input('images', 'float32', ['N', 1, 1, logits.length]);
  const z = b.output(b.op('Flatten', [images], { axis: 1 }), 'logits');
  const image: ImageGraph = {
    graph: b.finish(),
    input: { channels: 1, height: 1, width: logits.length },
    classes: logits.length,
    heads: [{ logits: z, weight: 1 }],
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    maxRows: 64,
  };
  const answer = await graphClassifier(image, { name: 'identity' }).gradient(
    { images: tensor(Float32Array.from(logits), [1, 1, 1, logits.length]), ids: ['a'] },
    objective,
    { labels: int64([label]) },
  );
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
      const b = new GraphBuilder(undefined, { name: 'linear' });
      const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 4, 4])], { axis: 1 });
      const logits = b.output(b.op('MatMul', [x, b.constant(fill([16, classes]))]), 'logits');
      const image: ImageGraph = {
        graph: b.finish(),
        input: { channels: 1, height: 4, width: 4 },
        classes,
        heads: [{ logits, weight: 1 }],
        flags: [],
        indexOffset: 0,
        labelOffset: 0,
        maxRows: 64,
      };
      const ensemble = fuse([image, image], { name: 'both', fusion: 'probabilities' });
      const images = fill([24, 1, 4, 4]);
      for (const graph of [image, ensemble]) {
        const model = graphClassifier(graph, { name: 'linear' });
        const answers = async (from: number, to: number): Promise<number[][]> => {
          const places = Array.from({ length: to - from }, (_, i) => from + i);
          const { gradient, logits: scores } = await model.gradient(
            { images: rows(images, from, to), ids: places.map(String) },
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
  });
});

describe('ensembles', () => {
  const member = (weight: Tensor): ImageGraph =>
    networkGraph(channelMeans(weight), sidecar(), { name: 'member' });
  const images = flat(0.6, 0.7, 0.9);
  const given = { labels: int64([2]) };

  test.for(['logits', 'probabilities', 'loss'] as const)(
    'identical members give the single model, fused in %s',
    async (fusion) => {
      const one = graphClassifier(member(identity), { name: 'one' });
      const both = graphClassifier(
        fuse([member(identity), member(identity)], { name: 'both', fusion, weights: [1, 3] }),
        {
          name: 'both',
        },
      );
      const a = await one.gradient(ask(images), crossEntropy(), given);
      const b = await both.gradient(ask(images), crossEntropy(), given);
      close(b.value, [...a.value]);
      close(b.gradient.data, [...a.gradient.data]);
      expect([...(await both.decisions(ask(images)))]).toEqual([...(await one.decisions(ask(images)))]);
    },
  );

  test('weights count: logits are the weighted mean', async () => {
    const other = fill([3, 3]);
    const both = graphClassifier(fuse([member(identity), member(other)], { name: 'both', weights: [3, 1] }), {
      name: 'both',
    });
    const x = [1, 2, 0.3];
    const second = [0, 1, 2].map((k) => x.reduce((a, v, i) => a + v * (other.data[i * 3 + k] as number), 0));
    close(
      (await both.scores(ask(images))).data,
      x.map((v, k) => 0.75 * v + 0.25 * (second[k] as number)),
    );
  });

  test('members of different classes or sizes are refused', () => {
    const larger = networkGraph(channelMeans(fill([3, 4])), sidecar({ classes: 4 }), { name: 'larger' });
    expect(() => fuse([member(identity), larger], { name: 'both' })).toThrow(
      'Members answer with 3 and 4 classes.',
    );
    expect(() => fuse([member(identity)], { name: 'both', weights: [1, 2] })).toThrow(
      '2 weights for 1 members.',
    );
  });
});

test('meters count per sample, below everything that asks', async () => {
  const { model, meter } = metered(
    graphClassifier(networkGraph(channelMeans(identity), sidecar(), { name: 'm' }), { name: 'm' }),
  );
  const images = tensor(
    Float32Array.from([...flat(0.1, 0.2, 0.3).data, ...flat(0.3, 0.2, 0.1).data]),
    [2, 3, 4, 4],
  );
  await model.scores({ images, ids: ['a', 'b'] });
  await model.decisions({ images, ids: ['b', 'b'] });
  await model.gradient({ images, ids: ['a', 'b'] }, margin(), { labels: int64([0, 0]) });
  expect(Object.fromEntries(meter.queries)).toEqual({ a: 1, b: 3 });
  expect(Object.fromEntries(meter.gradients)).toEqual({ a: 1, b: 1 });
});

test('gradients that a view asks of the network behind stages count, and zero ones are told', async () => {
  const network = graphClassifier(networkGraph(channelMeans(identity), sidecar(), { name: 'm' }), {
    name: 'm',
  });
  const same = { name: 'same', apply: ({ images }: { images: Tensor }) => Promise.resolve(images) };
  const { model, meter } = metered(staged(network, [same], 'same(m)'));
  await model.network.gradient(ask(flat(0, 0, 0)), margin(), { labels: int64([0]) });
  expect([meter.gradients.get('a'), meter.dead.size]).toEqual([1, 0]);
  await model.network.gradient(ask(flat(0.1, 0.2, 0.3)), carliniWagner({ confidence: -1 }), {
    labels: int64([0]),
  });
  expect([meter.gradients.get('a'), [...meter.dead]]).toEqual([2, ['a']]);
});

test('a stage answers through itself and refuses gradients, naming the remedy', async () => {
  const network = graphClassifier(networkGraph(channelMeans(identity), sidecar(), { name: 'm' }), {
    name: 'm',
  });
  const dark = {
    name: 'dark',
    apply: async ({ images }: { images: Tensor }) =>
      tensor(
        images.data.map((v) => v / 2),
        images.shape,
      ),
  };
  const model = staged(network, [dark], 'dark(m)');
  close((await model.scores(ask(flat(0.6, 0.8, 0.6)))).data, [
    ...(await network.scores(ask(flat(0.3, 0.4, 0.3)))).data,
  ]);
  await expect(model.gradient(ask(flat(0, 0, 0)), margin(), { labels: int64([0]) })).rejects.toMatchObject({
    code: 'NO_GRADIENT',
    remedy: 'Put the view bpda around it: --through bpda, or through: [bpda] in YAML.',
  });
});
