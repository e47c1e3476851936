import { describe, expect, test } from 'vitest';
import {
  channelMeans,
  close,
  filled,
  flat,
  identity,
  logitsOf,
  normal,
  sidecarOf,
} from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { GraphBuilder, onnxType } from '../onnx/index.ts';
import { concatRows, int64 } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { networkGraph } from './network.ts';
import { margin } from './objectives.ts';

const normalised = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] };

describe('from pixels to classes', () => {
  test('mean and std, RGB and BGR in their own channel order', async () => {
    const rgb = graphClassifier(
      networkGraph(channelMeans(identity), sidecarOf(normalised), { name: 'rgb' }),
      {
        name: 'rgb',
      },
    );
    close((await logitsOf(rgb, flat(0.6, 0.7, 0.9))).data, [1, 2, 0.3]);
    const bgr = graphClassifier(
      networkGraph(channelMeans(identity), sidecarOf({ ...normalised, channels: 'BGR' }), { name: 'bgr' }),
      { name: 'bgr' },
    );
    close((await logitsOf(bgr, flat(0.9, 0.7, 0.6))).data, [1, 2, 0.3]);
  });

  test("ImageNet's background column goes; its labels start at 1", () => {
    const labels = { dataset: 'imagenet-1k', offset: 0 };
    const many = networkGraph(
      channelMeans(filled('columns', [3, 1001])),
      sidecarOf({ labels, classes: 1001 }),
      {
        name: 'background',
      },
    );
    expect([many.classes, many.indexOffset, many.labelOffset]).toEqual([1000, 1, 1]);
    const without = networkGraph(
      channelMeans(identity),
      sidecarOf({ labels: { dataset: 'imagenet-1k', offset: 1 } }),
      {
        name: 'plain',
      },
    );
    expect([without.classes, without.indexOffset, without.labelOffset]).toEqual([3, 0, 1]);
  });

  test('the resize between dataset and network is in the graph, and gradients pass it', async () => {
    const image = networkGraph(channelMeans(identity), sidecarOf(normalised), {
      name: 'resized',
      size: { height: 8, width: 6 },
    });
    const model = graphClassifier(image, { name: 'resized' });
    const images = filled('pixels', [2, 3, 8, 6]);
    const { gradient } = await model.gradient(asked(images), margin(), {
      labels: int64([0, 1]),
    });
    expect(gradient.shape).toEqual([2, 3, 8, 6]);
    const [own, other] = [0.5, 0.25];
    const sum = (from: number): number => gradient.data.subarray(from, from + 48).reduce((a, v) => a + v, 0);
    // The mean of a resized image is a weighted mean of its pixels, so the weights of a channel sum to 1/std.
    close([Math.abs(sum(0)), Math.abs(sum(144 + 48))], [1 / own, 1 / other], 4);
  });

  test('a softmax at the end is told, and left out where logits are asked for', async () => {
    const image = networkGraph(channelMeans(identity, { softmax: true }), sidecarOf(normalised), {
      name: 'sure',
    });
    expect(image.flags.map((f) => f.code)).toEqual(['SOFTMAX_OUTPUT']);
    const logits = networkGraph(channelMeans(identity, { softmax: true }), sidecarOf(normalised), {
      name: 'sure',
      logits: true,
    });
    expect(logits.flags).toEqual([]);
    close((await logitsOf(graphClassifier(logits, { name: 'sure' }), flat(0.6, 0.7, 0.9))).data, [1, 2, 0.3]);
    const log = (await logitsOf(graphClassifier(image, { name: 'sure' }), flat(0.6, 0.7, 0.9))).data;
    const total = Math.exp(1) + Math.exp(2) + Math.exp(0.3);
    close(
      log,
      [1, 2, 0.3].map((z) => z - Math.log(total)),
    );
  });

  test('a fixed batch of 1 is freed where the shapes follow', async () => {
    const image = networkGraph(channelMeans(identity, { batch: 1 }), sidecarOf(normalised), { name: 'one' });
    expect(image.maxRows).toBe(Number.POSITIVE_INFINITY);
    const images = concatRows([flat(0.6, 0.7, 0.9), flat(0.1, 0.2, 0.3)]);
    const scores = await logitsOf(graphClassifier(image, { name: 'one' }), images);
    close(scores.data, [1, 2, 0.3, 0, 0, 0]);
  });

  test('a batch baked into a Reshape is run image by image, with a flag', async () => {
    const b = new GraphBuilder(undefined, { name: 'baked' });
    const x = b.input('x', 'float32', [1, 3, 4, 4]);
    const row = b.op('Reshape', [x, b.ints([1, 48])]);
    b.output(b.op('MatMul', [row, b.constant(normal('rows', [48, 3]))]), 'y');
    const image = networkGraph(b.finish(), sidecarOf(normalised), { name: 'baked' });
    expect([image.maxRows, image.flags.map((f) => f.code)]).toEqual([1, ['FIXED_BATCH']]);
    const model = graphClassifier(image, { name: 'baked' });
    const scores = await logitsOf(model, filled('three', [3, 3, 4, 4]));
    expect(scores.shape).toEqual([3, 3]);
  });

  test('images of another size are refused with the remedy', async () => {
    const model = graphClassifier(
      networkGraph(channelMeans(identity), sidecarOf(normalised), { name: 'm' }),
      {
        name: 'm',
      },
    );
    const answer = (shape: number[]) => () => model.answers(asked(filled('other', shape)));
    expect(await told({ taller: answer([1, 3, 5, 4]), grey: answer([1, 1, 4, 4]) })).toMatchInlineSnapshot(`
      "taller: IMAGE_SIZE m: The images are 3x5x4 (channels, height, width); the model was made for 3x4x4. | Load the model for the size of the images: loadModel(path, { size }).
      grey: IMAGE_SIZE m: The images are 1x4x4 (channels, height, width); the model was made for 3x4x4. | Use images with the number of channels that the model takes."
    `);
  });

  test('an input of whole numbers is refused: it has no gradient', async () => {
    const b = new GraphBuilder();
    const x = b.op('Cast', [b.input('x', 'uint8', ['N', 3, 4, 4])], { to: onnxType('float32') });
    b.output(b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 }), 'y');
    const load = () => networkGraph(b.finish(), sidecarOf(normalised), { name: 'm', where: 'm.json' });
    expect(await told({ uint8: load })).toMatchInlineSnapshot(
      `"uint8: MODEL_INPUT m.json: The input "x" is of type uint8, which has no gradient. | Export the model with an input of floating-point numbers."`,
    );
  });
});
