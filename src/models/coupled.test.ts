import { describe, expect, test } from 'vitest';
import { filled, logitsOf, sidecarOf } from '../../test/small-models.ts';
import { couplesRows, type Graph, GraphBuilder, onnxType } from '../onnx/index.ts';
import { int64, rows, scalar, tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { networkGraph } from './network.ts';
import { crossEntropy } from './objectives.ts';

const sidecar = sidecarOf({ size: [1, 1] });

/** Three classes of one pixel: what `change` makes of the pixels [N, 3], or of any batch that is asked for. */
function network(
  name: string,
  change: (b: GraphBuilder, pixels: string) => string,
  batch: number | string = 'N',
): Graph {
  const b = new GraphBuilder(undefined, { name });
  b.output(change(b, b.op('Flatten', [b.input('x', 'float32', [batch, 3, 1, 1])])), 'y');
  return b.finish();
}

/** Pixels less their mean over the batch: alone, zeros. */
const centred = (b: GraphBuilder, pixels: string): string =>
  b.op('Sub', [pixels, b.op('ReduceMean', [pixels, b.ints([0])])]);

/**
 * Pixels plus their softmax over the batch, along an axis that no inference can follow, for its size is computed by
 * floating-point numbers: alone, 1 more than the pixels.
 */
function hidden(b: GraphBuilder, pixels: string): string {
  const three = b.op('Cast', [b.op('Floor', [b.floats([3.2])])], { to: onnxType('int64') });
  const sizes = b.op('Concat', [three, b.ints([-1])], { axis: 0 });
  const across = b.op('Reshape', [b.op('Transpose', [pixels], { perm: [1, 0] }), sizes]);
  const shares = b.op('Transpose', [b.op('Softmax', [across], { axis: 1 })], { perm: [1, 0] });
  return b.op('Add', [pixels, b.op('Reshape', [shares, b.ints([-1, 3])])]);
}

const images = tensor(Float32Array.of(0.5, 0.25, 1, 0, 0.75, 0.125), [2, 3, 1, 1]);
const inFlag = 'its images are run one at a time.';

describe('a network that computes over its batch is run image by image, with a flag', () => {
  test('where its graph says so', async () => {
    const image = networkGraph(network('centred', centred), sidecar, { name: 'centred' });
    expect([image.maxRows, image.flags]).toEqual([
      1,
      [
        {
          code: 'BATCH_COUPLED',
          message: `centred computes over its whole batch (ReduceMean), so ${inFlag}`,
        },
      ],
    ]);
    const model = graphClassifier(image, { name: 'centred' });
    const { data } = await logitsOf(model, images);
    await model.release();
    expect([...data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('where it adds how many images there are', async () => {
    const counted = (b: GraphBuilder, pixels: string): string => {
      const rows = b.op('Gather', [b.op('Shape', [pixels]), b.constant(scalar(0, 'int64'))], { axis: 0 });
      return b.op('Mul', [pixels, b.op('Cast', [rows], { to: onnxType('float32') })]);
    };
    const image = networkGraph(network('counted', counted), sidecar, { name: 'counted' });
    expect([image.maxRows, image.flags]).toEqual([
      1,
      [
        {
          code: 'BATCH_COUPLED',
          message: `counted answers otherwise by the number of images in its batch (Shape), so ${inFlag}`,
        },
      ],
    ]);
    const model = graphClassifier(image, { name: 'counted' });
    const { data } = await logitsOf(model, images);
    await model.release();
    expect([...data]).toEqual([...images.data]);
  });

  test('where it draws random numbers too, and calls its batch by another name', () => {
    const training = (b: GraphBuilder, pixels: string): string =>
      b.op('Dropout', [centred(b, pixels), b.scalar(0.3), b.constant(scalar(1, 'bool'))], {}, 'dropped');
    const graph = network('training', training, 'batch');
    // As exporters record it.
    const values = new Map([['dropped', { dtype: 'float32', shape: ['batch', 3] } as const]]);
    const image = networkGraph({ ...graph, values }, sidecar, { name: 'training' });
    expect([image.flags.map((f) => f.code), image.draws?.map((d) => d.shape)]).toEqual([
      ['BATCH_COUPLED', 'RANDOM'],
      [[3]],
    ]);
  });

  test('where only its answers do', async () => {
    const graph = network('hidden', hidden);
    expect(couplesRows(graph, 'x')).toBeUndefined();
    const model = graphClassifier(networkGraph(graph, sidecar, { name: 'hidden' }), { name: 'hidden' });
    expect(model.flags).toEqual([]);
    const { data } = await logitsOf(model, images);
    expect([...data]).toEqual([...images.data].map((v) => v + 1));
    expect(model.flags).toEqual([
      {
        code: 'BATCH_COUPLED',
        message: `hidden answers otherwise beside other images, so ${inFlag}`,
      },
    ]);
    await model.release();
  });

  test.for(['centred', 'hidden'] as const)('%s: alike in any batch, gradients too', async (name) => {
    const graph = network(name, name === 'centred' ? centred : hidden);
    const many = filled('pixels', [70, 3, 1, 1]);
    const seen = await Promise.all(
      [1, 2, 7, 70].map(async (batch) => {
        const model = graphClassifier(networkGraph(graph, sidecar, { name }), { name });
        const found: number[][] = [];
        for (let from = 0; from < 70; from += batch) {
          const question = asked(rows(many, from, from + batch));
          const { classes, scores } = await model.answers(question);
          const labels = int64(new Int32Array(batch));
          const { gradient, value } = await model.gradient(question, crossEntropy(), { labels });
          found.push(...[classes, scores?.data ?? [], gradient.data, value].map((a) => [...a]));
        }
        expect(model.flags.map((f) => f.code)).toEqual(['BATCH_COUPLED']);
        await model.release();
        // In the order of kinds, whatever the batch.
        return [0, 1, 2, 3].map((kind) => found.filter((_, i) => i % 4 === kind).flat());
      }),
    );
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });
});

test('a batch of 1 is not freed where rows would then act upon each other', () => {
  const image = networkGraph(network('centred', centred, 1), sidecar, { name: 'centred' });
  expect([image.maxRows, image.flags.map((f) => f.code)]).toEqual([1, ['FIXED_BATCH']]);
});
