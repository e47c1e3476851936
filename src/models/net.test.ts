import { describe, expect, test } from 'vitest';
import { close, filled, imageGraph, logitsOf, normal, sidecarOf } from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { type Images, int64, type Tensor, tensor, zeros } from '../tensor/index.ts';
import { asked, type Classifier } from './classifier.ts';
import { fuse } from './ensemble.ts';
import { graphClassifier } from './graph-classifier.ts';
import { differentiate, givenTo, netWithin } from './net.ts';
import { type ImageGraph, networkGraph } from './network.ts';
import { crossEntropy, margin, type Objective } from './objectives.ts';
import { oracleOf } from './oracle.ts';

const hiddenWeight = normal('hidden', [48, 24], 0.3);
const headWeight = normal('head', [24, 3], 0.5);

/** 48 pixels, 24 rectified numbers, 3 classes, and a number that is above 0 for bright images. */
function network(): ImageGraph {
  const b = new GraphBuilder(undefined, { name: 'net' });
  const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 4, 4])], { axis: 1 });
  const hidden = b.op('Tanh', [b.op('MatMul', [x, b.constant(hiddenWeight)])], {}, 'hidden');
  b.output(b.op('MatMul', [hidden, b.constant(headWeight)]), 'y');
  const bright = b.op('ReduceMean', [x, b.ints([1])], { keepdims: 1 });
  b.op('Sub', [bright, b.scalar(0.5)], {}, 'brightness');
  const outputs = { features: 'hidden', reject: 'brightness' };
  return networkGraph(b.finish(), sidecarOf({ outputs }), { name: 'net' });
}

const model = (): Classifier => graphClassifier(network(), { name: 'net' });
const images = filled('images', [2, 3, 4, 4], 0.2, 0.7);

/** ‖f(x) − f(clean)‖² of an output. */
const distance = (output: string): Objective => ({
  key: `distance(${output})`,
  build(b, net, given) {
    const clean = net.run(given('clean', { dtype: 'float32', shape: b.shape(net.images) }));
    const difference = b.op('Sub', [net.output(output), clean.output(output)]);
    const rows = b.op('Flatten', [b.op('Mul', [difference, difference])], { axis: 1 });
    return b.op('ReduceSum', [rows, b.ints([1])], { keepdims: 0 });
  },
});

/** Hidden numbers and logits in double precision. */
function byHand(of: Images, row: number): { hidden: number[]; logits: number[] } {
  const product = (input: readonly number[], { data, shape }: Tensor): number[] =>
    Array.from({ length: shape[1] as number }, (_, k) =>
      input.reduce((sum, v, i) => sum + v * (data[i * (shape[1] as number) + k] as number), 0),
    );
  const hidden = product([...of.data.subarray(48 * row, 48 * row + 48)], hiddenWeight).map(Math.tanh);
  return { hidden, logits: product(hidden, headWeight) };
}

const squared = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + (v - (b[i] as number)) ** 2, 0);

describe('an output', () => {
  test.for(['features', 'logits'] as const)('on given images: %s', async (output) => {
    const net = model();
    const clean = filled('clean', [2, 3, 4, 4]);
    const { value, scores } = await net.gradient(asked(images), distance(output), { clean });
    const of = (from: Images, row: number): number[] =>
      byHand(from, row)[output === 'features' ? 'hidden' : 'logits'];
    close(
      value,
      [0, 1].map((row) => squared(of(images, row), of(clean, row))),
      4,
    );
    // The answers are those of the images asked about.
    expect(scores).toEqual((await net.answers(asked(images))).scores);
    expect([...(await net.gradient(asked(images), distance(output), { clean: images })).value]).toEqual([
      0, 0,
    ]);
    await net.release();
  });

  test('on a feature layer has the gradient of its finite differences', async () => {
    const net = model();
    const clean = filled('clean', [2, 3, 4, 4]);
    const { gradient } = await net.gradient(asked(images), distance('features'), { clean });
    const h = 1e-4;
    for (const pixel of [0, 13, 47, 48, 95]) {
      const row = Math.floor(pixel / 48);
      const at = (by: number): number => {
        const data = Float64Array.from(images.data);
        data[pixel] = (data[pixel] as number) + by;
        const moved = { ...images, data: data as unknown as Float32Array<ArrayBuffer> };
        return squared(byHand(moved, row).hidden, byHand(clean, row).hidden);
      };
      expect(gradient.data[pixel]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 4);
    }
    await net.release();
  });

  test.for(['feature', 'constructor', '__proto__', ''])('that there is not: "%s"', async (name) => {
    const net = model();
    const objective: Objective = { key: name, build: (_b, of) => of.output(name) };
    await expect(net.gradient(asked(images), objective, {})).rejects.toMatchObject({
      code: 'OUTPUT',
      message: `The model has no output "${name}".`,
      where: 'net',
      remedy: 'It has logits, features, reject; its sidecar can name more under "outputs".',
    });
    await net.release();
  });

  test('that the graph does not have is refused on loading', async () => {
    const b = new GraphBuilder(undefined, { name: 'bare' });
    b.output(b.op('Flatten', [b.op('GlobalAveragePool', [b.input('x', 'float32', ['N', 3, 4, 4])])]), 'y');
    const outputs = { features: 'layer4' };
    const load = () => networkGraph(b.finish(), sidecarOf({ outputs }), { name: 'bare', where: 'bare.json' });
    expect(await told({ 'no such tensor': load })).toMatchInlineSnapshot(
      `"no such tensor: OUTPUT bare.json: The graph has no tensor "layer4" for the output "features". | Name the output of a node of the graph under outputs in the sidecar."`,
    );
  });
});

describe('the output reject', () => {
  test('makes the model abstain where it is above 0, with gradients too', async () => {
    const net = model();
    const shades = tensor(
      Float32Array.from({ length: 3 * 48 }, (_, i) => [0.4, 0.5, 0.6][Math.floor(i / 48)] as number),
      [3, 3, 4, 4],
    );
    const plain = await net.answers(asked(shades));
    const asking = await net.gradient(asked(shades), crossEntropy(), { labels: int64([0, 0, 0]) });
    for (const { classes, extra, scores } of [plain, asking]) {
      expect([...classes].map((c) => c < 0)).toEqual([false, false, true]);
      close(extra?.['reject'] ?? [], [-0.1, 0, 0.1]);
      expect(scores?.shape).toEqual([3, 3]);
    }
    await net.release();
  });

  test('can be climbed', async () => {
    const net = model();
    const objective: Objective = {
      key: 'reject',
      build: (b, of) => b.op('Reshape', [of.output('reject'), b.ints([-1])]),
    };
    const { value, gradient, extra } = await net.gradient(asked(images), objective, {});
    expect([...value]).toEqual([...(extra?.['reject'] ?? [])]);
    close(
      gradient.data,
      Array.from({ length: 96 }, () => 1 / 48),
      7,
    );
    await net.release();
  });
});

describe('run again', () => {
  const heavy = (graph: { initializers: ReadonlyMap<string, { data: { length: number } }> }): number =>
    [...graph.initializers.values()].filter((t) => t.data.length > 8).length;

  test('a network shares its weights', () => {
    const image = network();
    const b = new GraphBuilder(image.graph);
    const before = b.finish().initializers.size;
    const of = { graph: image.graph, images: 'images', logits: 'logits', outputs: image.outputs ?? {} };
    const net = netWithin(b, { ...of, logits: image.heads[0]?.logits as string });
    const nodes = b.nodes.length;
    const again = net.run(b.input('others', 'float32', ['N', 3, 4, 4]));
    const third = again.run(net.images);
    expect(b.finish().initializers.size).toBe(before);
    expect(b.nodes.length).toBeGreaterThan(nodes);
    expect(new Set([net.logits, again.logits, third.logits]).size).toBe(3);
    expect([net.images, again.images, third.images]).toEqual(['images', 'others', 'images']);
    expect(new Set([net, again, third].map((n) => n.output('features'))).size).toBe(3);
  });

  test('so does its gradient', () => {
    const image = network();
    const weights = heavy(differentiate(image, crossEntropy()).graph);
    expect(heavy(differentiate(image, distance('logits')).graph)).toBe(weights);
  });

  test('members whose losses are fused each run alone', async () => {
    const other = imageGraph({ channels: 3, height: 4, width: 4 }, (b, x) =>
      b.op('MatMul', [b.op('Flatten', [x], { axis: 1 }), b.constant(normal('other', [48, 3], 0.2))]),
    );
    const [first, second] = [network(), other];
    const both = graphClassifier(fuse([first, second], { name: 'both', fusion: 'loss', weights: [3, 1] }), {
      name: 'both',
    });
    const clean = filled('clean', [2, 3, 4, 4]);
    const alone = await Promise.all(
      [first, second].map((image, i) =>
        graphClassifier(image, { name: `member ${i}` }).gradient(asked(images), distance('logits'), {
          clean,
        }),
      ),
    );
    const found = await both.gradient(asked(images), distance('logits'), { clean });
    const mean = (of: (answer: (typeof alone)[number]) => Float32Array): number[] => {
      const [a, c] = alone.map(of) as [Float32Array, Float32Array];
      return Array.from(a, (v, i) => 0.75 * v + 0.25 * (c[i] as number));
    };
    close(
      found.value,
      mean((a) => a.value),
      4,
    );
    close(
      found.gradient.data,
      mean((a) => a.gradient.data),
      5,
    );
    await both.release();
  });

  test('it sees the same draws', async () => {
    const b = new GraphBuilder(undefined, { name: 'random' });
    const x = b.input('x', 'float32', ['N', 3, 4, 4]);
    const noise = b.op('RandomNormalLike', [x]);
    const sum = b.op('Add', [x, noise]);
    b.output(b.op('Flatten', [b.op('GlobalAveragePool', [sum])], { axis: 1 }), 'y');
    const net = graphClassifier(networkGraph(b.finish(), sidecarOf(), { name: 'random' }), {
      name: 'random',
    });
    const { value } = await net.gradient(asked(images, ['a', 'b']), distance('logits'), { clean: images });
    expect([...value]).toEqual([0, 0]);
    const [once, later] = [
      await logitsOf(net, images, ['a', 'b']),
      await logitsOf(net, images, ['a', 'b'], 1),
    ];
    expect(later.data).not.toEqual(once.data);
    await net.release();
  });
});

describe('what is given', () => {
  test('is declared once', () => {
    const b = new GraphBuilder();
    const { given, types } = givenTo(b);
    for (let i = 0; i < 2; i++) expect(given('labels', { dtype: 'int64', shape: ['N'] })).toBe('labels');
    expect(given('weights', { dtype: 'float32', shape: ['N', 3] })).toBe('weights');
    expect(b.finish().inputs.map((i) => i.name)).toEqual(['labels', 'weights']);
    expect([...types]).toEqual([
      ['labels', { dtype: 'int64', shape: ['N'] }],
      ['weights', { dtype: 'float32', shape: ['N', 3] }],
    ]);
  });

  test('has a name and a shape of its own', () => {
    const b = new GraphBuilder();
    b.input('logits', 'float32', ['N', 3]);
    const { given } = givenTo(b);
    expect(() => given('logits', { dtype: 'float32', shape: ['N', 3] })).toThrow(
      '"logits" is a tensor of the network: what is given needs another name',
    );
    expect(() => given('clean', { dtype: 'float32', shape: undefined })).toThrow(
      '"clean" is given in a shape that is not known',
    );
  });
});

describe('an objective that is not the library’s', () => {
  /** Under the key of another, it sets all weights to 0 and tells of the pixels. */
  const thief: Objective = {
    key: margin().key,
    build(b, net) {
      const held = Object.values(b).filter((value) => value instanceof Map) as Map<string, unknown>[];
      for (const value of held.flatMap((map) => [...map.values()])) {
        const { data } = value as { data?: unknown };
        if (data instanceof Float32Array) data.fill(0);
      }
      return b.op('ReduceSum', [b.op('Flatten', [net.images], { axis: 1 }), b.ints([1])], { keepdims: 0 });
    },
  };
  const oracle = (of: Classifier, owner: number) =>
    oracleOf(of, { access: 'gradient', ids: ['a', 'b'], why: '', trouble: {}, owner });
  const question = { images, ids: ['a', 'b'] };
  const given = { labels: int64([0, 1]) };

  test('takes no other’s place, and writes to no weights', async () => {
    const [fresh, robbed] = [model(), model()];
    const expected = await oracle(fresh, 1).gradient(question, margin(), given);
    const own = await oracle(robbed, 1).gradient(question, thief, {});
    expect(own.gradient.data.every((g) => g === 1)).toBe(true);
    expect(await oracle(robbed, 2).gradient(question, margin(), given)).toEqual(expected);
    // Nor that of another attack.
    const honest: Objective = { ...distance('features'), key: thief.key };
    const far = await oracle(robbed, 2).gradient(question, honest, { clean: zeros(images.shape) });
    expect(far.gradient.data.every((g) => g === 1)).toBe(false);
    await Promise.all([fresh.release(), robbed.release()]);
  });
});
