import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filled, imageGraph, linearNetwork, normal } from '../../test/small-models.ts';
import { roadsigns } from '../data/index.ts';
import { hashRows } from '../judge/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { concatRows, type Images, int64, rows, type Tensor, tensor, toFloat } from '../tensor/index.ts';
import {
  convNet,
  convNext,
  fold,
  mobileNet,
  type Network,
  resNet,
  uNet,
  vit,
  weightsOf,
  withWeights,
} from '../training/index.ts';
import { asked, type Classifier } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { loadModel } from './load.ts';
import { networkGraph } from './network.ts';
import { crossEntropy } from './objectives.ts';
import { openRowRuns } from './row-runs.ts';

// To the last bit: what a row is answered depends on the row alone.

/** Hashes of all that a model says of each row, asked about so many at once. */
async function bitsOf(model: Classifier, images: Images, batch: number): Promise<string[]> {
  const count = images.shape[0] as number;
  const found: string[] = [];
  for (let from = 0; from < count; from += batch) {
    const to = Math.min(count, from + batch);
    const question = asked(rows(images, from, to));
    const labels = int64(Array.from({ length: to - from }, (_, i) => (from + i) % model.classes));
    const { scores } = await model.answers(question);
    const { scores: again, value, gradient } = await model.gradient(question, crossEntropy(), { labels });
    for (let i = 0; i < to - from; i++) {
      const parts = [scores as Images, again, tensor(value, [to - from, 1]), gradient];
      found.push(parts.map((t) => hashRows(rows(t, i, i + 1))[0]?.slice(0, 16)).join(' '));
    }
  }
  return found;
}

/** Photographs of road signs; some are black, white, of both ends, or next to the ends. */
async function photographs(count: number): Promise<Images> {
  const images = toFloat((await roadsigns({ count, seed: 11, part: 'dev' })).images as Tensor<'uint8'>);
  const ends: ((v: number, i: number) => number)[] = [
    () => 0,
    () => 1,
    (_, i) => i % 2,
    (v) => Math.round(v),
    (v) => Math.max(v, 1 - 2 ** -24),
    (v) => Math.min(v, 2 ** -126),
  ];
  for (const [k, end] of ends.entries()) {
    const { data } = rows(images, 3 * k + 1, 3 * k + 2);
    for (const [i, v] of data.entries()) data[i] = end(v, i);
  }
  return images;
}

let signs: Images;
beforeAll(async () => {
  signs = await photographs(64);
});

const size = { height: 16, width: 16, seed: 3 };
const builders: [name: string, Network][] = [
  ['convNet', convNet({ ...size, classes: 5, widths: [6, 8] })],
  ['resNet', resNet({ ...size, classes: 5, depth: 8, filters: 6 })],
  ['mobileNet', mobileNet({ ...size, classes: 5, filters: 4 })],
  ['vit', vit({ ...size, classes: 5, size: 12, blocks: 2, heads: 3 })],
  ['convNext', convNext({ ...size, classes: 5, widths: [6, 8], blocks: [1, 2] })],
  ['uNet', averaged(uNet({ ...size, filters: [4, 6, 8], outputs: 3 }))],
];

/** Classes of a network that gives maps. */
function averaged(network: Network): Network {
  const b = new GraphBuilder(network.graph);
  const maps = network.graph.outputs[0]?.name as string;
  b.setOutputs([b.op('Flatten', [b.op('GlobalAveragePool', [maps])], { axis: 1 }, 'logits')]);
  return { ...network, graph: b.finish() };
}

/** The network as it predicts, weights and statistics away from their plain start. */
function classifierOf(name: string, network: Network): Classifier {
  const weights = Object.entries(weightsOf(network)).map(([parameter, value]) => {
    const by = normal(`${name} ${parameter}`, value.shape, 0.1).data;
    return [parameter, { ...value, data: value.data.map((v, i) => v + Math.abs(by[i] as number)) }] as const;
  });
  const graph = fold(withWeights(network, Object.fromEntries(weights)).graph);
  return graphClassifier(networkGraph(graph, inferSidecar(graph, name), { name }), { name });
}

/** The middle of each photograph. */
function cropped(images: Images): Images {
  const out = filled('crop', [images.shape[0] as number, 3, 16, 16]);
  for (let i = 0; i < out.data.length; i++) {
    const [plane, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    out.data[i] = images.data[plane * 4096 + (24 + y) * 64 + 24 + x] as number;
  }
  return out;
}

describe('each image alone and in batches of 2, 5 and 64', () => {
  test.for(builders)('%s', async ([name, network]) => {
    const model = classifierOf(name, network);
    const images = cropped(signs);
    const whole = await bitsOf(model, images, 64);
    expect(new Set(whole).size).toBeGreaterThan(60);
    for (const batch of [1, 2, 5]) expect(await bitsOf(model, images, batch)).toEqual(whole);
    expect(model.flags).toEqual([]);
    await model.release();
  });

  test('the vision transformer of the zoo', async () => {
    const file = path.join(import.meta.dirname, '../../zoo/roadsigns-vit/model.onnx');
    const model = await loadModel(file);
    const whole = await bitsOf(model, signs, 64);
    expect(new Set(whole).size).toBe(64);
    for (const batch of [1, 2, 5]) expect(await bitsOf(model, signs, batch)).toEqual(whole);
    // Backwards too: other neighbours, other places.
    const back = concatRows(Array.from({ length: 64 }, (_, i) => rows(signs, 63 - i, 64 - i)));
    const logits = async (images: Images): Promise<Images> =>
      (await model.answers(asked(images))).scores as Images;
    const [there, turned] = [await logits(signs), await logits(back)];
    for (let i = 0; i < 64; i++)
      expect(rows(turned, 63 - i, 64 - i).data).toEqual(rows(there, i, i + 1).data);
    expect(model.flags).toEqual([]);
    await model.release();
  });
});

describe('runs of rows', () => {
  const input = { channels: 1, height: 4, width: 4 };
  const { graph } = imageGraph(input, linearNetwork(input, 3));
  let runs: Awaited<ReturnType<typeof openRowRuns>>;
  beforeAll(async () => {
    runs = await openRowRuns(graph, { name: 'linear', most: 64, classes: 3 });
  });
  afterAll(() => runs.release());

  test.for([1, 2, 3, 64, 65, 129])('%i rows in, as many out, each its own', async (count) => {
    const images = filled('rows', [count, 1, 4, 4]);
    const before = images.data.slice();
    const { logits } = await runs.run({ images }, ['logits']);
    expect(logits?.shape).toEqual([count, 3]);
    expect(images.data).toEqual(before);
    const weight = normal('linear', [16, 3]).data;
    for (let n = 0; n < count; n++)
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let i = 0; i < 16; i++)
          sum += (images.data[16 * n + i] as number) * (weight[3 * i + k] as number);
        expect(logits?.data[3 * n + k]).toBeCloseTo(sum, 5);
      }
  });

  test.for([1, 2, 65])('outputs of another size than told are refused: %i rows', async (count) => {
    const b = new GraphBuilder(undefined, { name: 'liar' });
    const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 4, 4])], { axis: 1 });
    // Only the run tells how many columns are kept.
    const kept = b.op('CumSum', [b.ints([10]), b.scalar(0, 'int64')]);
    b.output(b.op('Slice', [x, b.ints([0]), kept, b.ints([1])]), 'logits');
    const liar = b.finish();
    const told = { name: 'logits', dtype: 'float32', shape: ['N', 7] } as const;
    for (const most of [1, 64]) {
      const asking = openRowRuns({ ...liar, outputs: [told] }, { name: 'liar', most, classes: 7 }).then(
        (opened) => opened.run({ images: filled('rows', [count, 1, 4, 4]) }, ['logits']),
      );
      await expect(asking).rejects.toMatchObject({
        code: 'MODEL_OUTPUT',
        where: 'liar',
        message: expect.stringMatching(/^The output "logits" is \[\d+, 10\] where \[\d+, 7\] was told\.$/),
        remedy:
          'Export the model again: it contradicts itself. If a sidecar says output.classes, correct that.',
      });
    }
  });

  test('several rows of scores for an image are refused, with what to export', async () => {
    const b = new GraphBuilder(undefined, { name: 'sequence' });
    const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 4, 4])], { axis: 1 });
    // Only the run tells how many steps there are.
    const steps = b.op('CumSum', [b.ints([2]), b.scalar(0, 'int64')]);
    const repeated = b.op('Tile', [x, b.op('Concat', [steps, b.ints([1])], { axis: 0 })]);
    b.output(repeated, 'logits');
    const told = { name: 'logits', dtype: 'float32', shape: ['N', 16] } as const;
    const graph = { ...b.finish(), outputs: [told] };
    const several = { message: 'It has several.', remedy: 'Take one.' };
    const asking = openRowRuns(graph, { name: 'sequence', most: 1, classes: 16, several }).then((opened) =>
      opened.run({ images: filled('rows', [1, 1, 4, 4]) }, ['logits']),
    );
    await expect(asking).rejects.toMatchObject({ code: 'MODEL_OUTPUT', where: 'sequence', ...several });
  });

  test("what comes back is the caller's", async () => {
    const images = filled('rows', [65, 1, 4, 4]);
    const { logits } = await runs.run({ images }, ['logits']);
    const kept = logits?.data.slice();
    logits?.data.fill(7);
    expect((await runs.run({ images }, ['logits']))['logits']?.data).toEqual(kept);
  });
});
