import { describe, expect, test } from 'vitest';
import { told } from '../../../test/told.ts';
import { check, floatAttribute, writeModel } from '../../onnx/index.ts';
import { createSession } from '../../runtime/index.ts';
import type { AnyTensor, Tensor } from '../../tensor/index.ts';
import { int64, randomOf, tensor } from '../../tensor/index.ts';
import type { Loss, Network, Weights } from '../index.ts';
import {
  classification,
  convNet,
  convNext,
  fold,
  lossGraph,
  mobileNet,
  openStep,
  resNet,
  sgd,
  squaredError,
  uNet,
  vit,
  weightsOf,
  withWeights,
} from '../index.ts';

const size = { height: 16, width: 16, seed: 3 };
const normalisation = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] };
const networks: [string, Network, Loss][] = [
  ['convNet', convNet({ ...size, classes: 4, widths: [6, 8], ...normalisation }), classification()],
  ['resNet', resNet({ ...size, classes: 4, depth: 8, filters: 6 }), classification({ smoothing: 0.1 })],
  ['mobileNet', mobileNet({ ...size, classes: 4, filters: 4 }), classification()],
  ['vit', vit({ ...size, classes: 4, size: 12, blocks: 2, heads: 3 }), classification()],
  ['convNext', convNext({ ...size, classes: 4, widths: [6, 8], blocks: [1, 2] }), classification()],
  ['uNet', uNet({ ...size, filters: [4, 6, 8], outputs: 2 }), squaredError([2, 16, 16])],
];

const count = 6;
const random = randomOf(1, 'test');

function filled(name: string, shape: readonly number[]): Tensor {
  const data = new Float32Array(shape.reduce((a, d) => a * d, 1));
  random.stream('', name).fillUniform(data, 0, 1);
  return tensor(data, shape);
}

const images = filled('images', [count, 3, 16, 16]);
const targets = filled('targets', [count, 2, 16, 16]);
const labels = Array.from({ length: count }, (_, i) => i % 4);

/** Gains, biases and statistics away from their plain start, so that a mistake in one shows. */
function shaken(network: Network): Network {
  const weights = Object.entries(weightsOf(network)).map(([name, value]): [string, Tensor] => {
    if (value.shape.length > 1) return [name, value];
    const draw = random.stream('', `shaken ${name}`);
    return [name, { ...value, data: value.data.map((v) => v + 0.2 * draw.uniform()) }];
  });
  return withWeights(network, Object.fromEntries(weights));
}

/** Bends, at which differences mislead, made smooth: their own gradients are tested where they are written. */
function smoothed(network: Network): Network {
  const smooth = new Map([
    ['Relu', 'Softplus'],
    ['MaxPool', 'AveragePool'],
  ]);
  const nodes = network.graph.nodes.map((n) => ({ ...n, op: smooth.get(n.op) ?? n.op }));
  return { ...network, graph: { ...network.graph, nodes } };
}

async function outputOf(graph: Network['graph'], name: string): Promise<Float32Array> {
  const session = await createSession(graph, { name });
  const out = await session.run({ input: images });
  await session.release();
  return Object.values(out)[0]?.data as Float32Array;
}

describe.for(networks)('%s', ([name, plain, loss]) => {
  const network = shaken(plain);

  test('predicts as ordinary ONNX, each image by itself', async () => {
    check(network.graph, { name });
    const session = await createSession(writeModel(network.graph), { name });
    const [whole] = Object.values(await session.run({ input: images })) as [Tensor];
    const first = { ...images, shape: [1, 3, 16, 16], data: images.data.slice(0, 3 * 256) };
    const [one] = Object.values(await session.run({ input: first })) as [Tensor];
    await session.release();
    expect(whole.shape[0]).toBe(count);
    for (const [i, v] of one.data.entries()) expect(whole.data[i]).toBeCloseTo(v, 4);
  });

  test('the same seed gives the same weights, another others', () => {
    const names = network.parameters.filter((p) => (weightsOf(network)[p] as Tensor).shape.length > 1);
    for (const p of names) {
      const { data } = weightsOf(plain)[p] as Tensor;
      expect(data.some((v) => v !== data[0])).toBe(true);
    }
    expect(new Set(network.parameters).size).toBe(network.parameters.length);
  });

  test('gradients are those of finite differences, parameter by parameter', async () => {
    const smooth = smoothed(network);
    const forward = lossGraph(smooth, [loss]);
    const session = await createSession(forward.graph, { name, optimization: 'basic' });
    const given: Record<string, AnyTensor> = {};
    if (forward.given['labels'] !== undefined) given['labels'] = int64(labels);
    if (forward.given['targets'] !== undefined) given['targets'] = targets;
    const weights = weightsOf(network);
    const feeds = { input: images, ...weights, ...given };
    const lossAt = async (changed: Weights): Promise<number> =>
      (await session.run({ ...feeds, ...changed }, [forward.loss]))[forward.loss]?.data[0] as number;
    const step = await openStep({ network: smooth, losses: [loss], optimizer: sgd(), seed: 1 });
    const { gradients } = await step.run(step.start, { images, labels, given }, 0, { gradients: true });
    await step.release();
    let checked = 0;
    for (const parameter of network.parameters) {
      const w = weights[parameter] as Tensor;
      const g = gradients?.[parameter]?.data as Float32Array;
      const norm = Math.hypot(...g);
      // What a normalization or a softmax undoes has gradient 0, of which rounding is left.
      if (norm < 1e-3) continue;
      const at = (distance: number): Promise<number> =>
        lossAt({
          [parameter]: { ...w, data: w.data.map((v, i) => v + (distance * (g[i] as number)) / norm) },
        });
      const estimate = async (h: number): Promise<number> => ((await at(h)) - (await at(-h))) / (2 * h);
      const [wide, narrow] = [await estimate(0.04), await estimate(0.02)];
      const off = Math.abs((4 * narrow - wide) / 3 - norm) / norm;
      expect({ parameter, close: off < 5e-3 }).toEqual({ parameter, close: true });
      checked++;
    }
    await session.release();
    expect(checked).toBeGreaterThan(0.7 * network.parameters.length);
  });

  test('folded it gives the same outputs with fewer normalizations', async () => {
    const folded = fold(network.graph);
    const left = folded.nodes.filter((n) => n.op === 'BatchNormalization').length;
    expect(left).toBe(0);
    const [before, after] = [await outputOf(network.graph, name), await outputOf(folded, name)];
    const largest = before.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    for (const [i, v] of before.entries())
      expect(Math.abs(v - (after[i] as number)) / largest).toBeLessThan(1e-5);
  });
});

test('a ConvNeXt has the layers and the weights of its paper', async () => {
  const network = convNext({ ...size, classes: 4, channels: 3, widths: [6, 8], blocks: [1, 2], kernel: 5 });
  const weights = weightsOf(network);
  const all = Object.values(weights).reduce((sum, w) => sum + w.data.length, 0);
  // Depthwise kernel and bias, norm, to four times the width and back, scale.
  const perBlock = (w: number): number => w * 25 + w + 2 * w + (w * 4 * w + 4 * w) + (4 * w * w + w) + w;
  const stem = 3 * 4 * 6 + 6 + 2 * 6;
  const halving = 2 * 6 + 6 * 4 * 8 + 8;
  expect(all).toBe(stem + perBlock(6) + halving + 2 * perBlock(8) + 2 * 8 + 8 * 4 + 4);
  expect([...(weights['stage2.block1.scale'] as Tensor).data]).toEqual(
    Array.from({ length: 8 }, () => Math.fround(1e-6)),
  );
  expect((await outputOf(network.graph, 'convnext')).length).toBe(count * 4);
  const ops = (op: string): number => network.graph.nodes.filter((n) => n.op === op).length;
  expect([ops('Erf'), ops('LayerNormalization'), ops('Conv')]).toEqual([3, 6, 5]);
});

test('running statistics learn a tenth of the mean and variance of the batch', async () => {
  const network = convNet({ ...size, classes: 4, widths: [6] });
  const norm = network.graph.nodes.find((n) => n.op === 'BatchNormalization');
  expect(norm && floatAttribute(norm, 'momentum', 0)).toBeCloseTo(0.9);
  const step = await openStep({ network, losses: [classification()], optimizer: sgd(), seed: 1 });
  const untouched = structuredClone(step.start);
  const { state } = await step.run(step.start, { images, labels }, 0.1);
  expect(step.start).toEqual(untouched);
  await step.release();
  const before = {
    ...network.graph,
    outputs: [{ name: norm?.inputs[0] ?? '', dtype: 'float32', shape: undefined }],
  } as const;
  const x = await outputOf(before, 'before');
  const area = 256;
  for (let c = 0; c < 6; c++) {
    const own: number[] = [];
    for (let n = 0; n < count; n++) own.push(...x.subarray((n * 6 + c) * area, (n * 6 + c + 1) * area));
    const mean = own.reduce((a, v) => a + v, 0) / own.length;
    const variance = own.reduce((a, v) => a + (v - mean) ** 2, 0) / own.length;
    expect(state.weights['block1.norm.mean']?.data[c]).toBeCloseTo(0.1 * mean, 5);
    expect(state.weights['block1.norm.variance']?.data[c]).toBeCloseTo(0.9 + 0.1 * variance, 5);
  }
});

test('dropout drops the asked share in training and nothing in prediction', async () => {
  const network = convNet({ ...size, classes: 4, widths: [64], dropout: 0.4 });
  const plain = convNet({ ...size, classes: 4, widths: [64] });
  expect(await outputOf(network.graph, 'with')).toEqual(await outputOf(plain.graph, 'without'));
  const step = await openStep({ network, losses: [classification()], optimizer: sgd(), seed: 1 });
  const { gradients } = await step.run(step.start, { images, labels }, 0.1, { gradients: true });
  const again = await step.run(step.start, { images, labels }, 0.1, { gradients: true });
  const next = await step.run({ ...step.start, step: 1 }, { images, labels }, 0.1, { gradients: true });
  await step.release();
  expect(again.gradients).toEqual(gradients);
  expect(next.gradients).not.toEqual(gradients);
});

test('options that no network can have are refused', () => {
  expect(() => resNet({ ...size, classes: 2, depth: 10 })).toThrow('10 layers');
  expect(() => vit({ ...size, classes: 2, patch: 5 })).toThrow('Patches of 5');
  expect(() => convNext({ ...size, classes: 2, patch: 3 })).toThrow('cannot be divided by 12');
  expect(() => convNext({ ...size, classes: 2, kernel: 4 })).toThrow('kernel of 4');
  expect(() => convNext({ ...size, classes: 2, blocks: [3, 3] })).toThrow('3 widths and 2');
  expect(() => uNet({ ...size, height: 18 })).toThrow('cannot be divided by 4');
});

test('sizes that do not fit each other are refused', async () => {
  const shape = { ...size, classes: 4 };
  expect(
    await told({
      'no whole number of blocks': () => resNet({ ...shape, depth: 21 }),
      'patches over the edge': () => vit({ ...shape, patch: 5 }),
      'heads over the token': () => vit({ ...shape, size: 10, heads: 3 }),
      'odd pixels to halve': () => uNet({ ...size, height: 18 }),
      'blocks for another number of stages': () => convNext({ ...shape, widths: [6, 8], blocks: [1] }),
      'an even kernel': () => convNext({ ...shape, widths: [6], blocks: [1], kernel: 4 }),
      'more stages than pixels': () => convNext({ ...shape, height: 18, widths: [6, 8], blocks: [1, 1] }),
    }),
  ).toMatchInlineSnapshot(`
    "no whole number of blocks: NETWORK_OPTIONS A residual network of 21 layers cannot be built. | Choose a depth of 8, 14, 20, 26, ...
    patches over the edge: NETWORK_OPTIONS Patches of 5 cannot tile 16 x 16 pixels. | Choose a patch that divides height and width.
    heads over the token: NETWORK_OPTIONS 3 heads cannot share 10 numbers of a token. | Choose a number of heads that divides the size.
    odd pixels to halve: NETWORK_OPTIONS 18 x 16 pixels cannot be divided by 4. | Choose other sizes or fewer scales.
    blocks for another number of stages: NETWORK_OPTIONS Of stages there are 2 widths and 1 counts of blocks. | Give one of each per stage, and one stage at least.
    an even kernel: NETWORK_OPTIONS A depthwise kernel of 4 would shift the image. | Choose an odd kernel.
    more stages than pixels: NETWORK_OPTIONS 18 x 16 pixels cannot be divided by 4, by which 2 stages shrink them. | Choose a smaller patch or fewer stages."
  `);
});

test('a network that cannot be trained as it is named is refused', async () => {
  const network = convNet({ ...size, classes: 4, widths: [6] });
  expect(
    await told({
      'a name of no initializer': () => weightsOf({ ...network, parameters: ['gone'] }),
      'no parameters': () => lossGraph({ ...network, parameters: [] }, [classification()]),
      'no losses': () => lossGraph(network, []),
    }),
  ).toMatchInlineSnapshot(`
    "a name of no initializer: TRAINING_NETWORK convnet: "gone" is no float32 initializer of the network. | Name initializers of the graph as parameters and statistics.
    no parameters: TRAINING_NETWORK convnet: A network to train has one input and at least one parameter. | Name the trainable initializers and make constants of the other inputs.
    no losses: TRAINING_LOSS convnet: There is no loss to descend. | Give at least one loss, such as classification()."
  `);
});
