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
import { GraphBuilder } from '../onnx/index.ts';
import { concatRows, int64, type Tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { fuse } from './ensemble.ts';
import { graphClassifier } from './graph-classifier.ts';
import { type ImageGraph, networkGraph } from './network.ts';
import { crossEntropy } from './objectives.ts';

const normalised = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] };

describe('ensembles', () => {
  const member = (weight: Tensor): ImageGraph =>
    networkGraph(channelMeans(weight), sidecarOf(normalised), { name: 'member' });
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
      const a = await one.gradient(asked(images), crossEntropy(), given);
      const b = await both.gradient(asked(images), crossEntropy(), given);
      close(b.value, [...a.value]);
      close(b.gradient.data, [...a.gradient.data]);
      expect(b.classes).toEqual(a.classes);
      expect((await both.answers(asked(images))).classes).toEqual((await one.answers(asked(images))).classes);
    },
  );

  test('a member that could decline is told of', () => {
    const b = new GraphBuilder(channelMeans(identity));
    b.output(b.op('ReduceMax', ['y', b.ints([1])]), 'doubt');
    const detector = networkGraph(
      b.finish(),
      { ...sidecarOf(normalised), outputs: { reject: 'doubt' } },
      { name: 'detector' },
    );
    expect(() =>
      networkGraph(
        b.finish(),
        { ...sidecarOf(normalised), outputs: { reject: 'y' } },
        { name: 'detector', where: 'd.onnx' },
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'OUTPUT',
        message: 'outputs.reject is the tensor "y", which has [3] numbers for each image, not one.',
        where: 'd.onnx',
        remedy:
          'Name a tensor with one number per image under outputs.reject in the sidecar, above 0 where it declines.',
      }),
    );
    expect(fuse([member(identity), detector], { name: 'both' }).flags).toEqual([
      {
        code: 'REJECT_IGNORED',
        message: 'detector declines images by itself; within both it always answers.',
      },
    ]);
  });

  test('weights count: logits are the weighted mean', async () => {
    const other = normal('other', [3, 3]);
    const both = graphClassifier(fuse([member(identity), member(other)], { name: 'both', weights: [3, 1] }), {
      name: 'both',
    });
    const x = [1, 2, 0.3];
    const second = [0, 1, 2].map((k) => x.reduce((a, v, i) => a + v * (other.data[i * 3 + k] as number), 0));
    close(
      (await logitsOf(both, images)).data,
      x.map((v, k) => 0.75 * v + 0.25 * (second[k] as number)),
    );
  });

  test('members of different fixed batches are refused, of one they run by it', async () => {
    const of = (batch: number): ImageGraph => {
      const b = new GraphBuilder(undefined, { name: `batch-${batch}` });
      const row = b.op('Reshape', [b.input('x', 'float32', [batch, 3, 4, 4]), b.ints([batch, 3, 16])]);
      b.output(b.op('ReduceMean', [row, b.ints([2])], { keepdims: 0 }), 'y');
      return networkGraph(b.finish(), sidecarOf(normalised), { name: `batch-${batch}` });
    };
    expect(
      await told({
        'batches of 2 and 3': () => fuse([of(2), of(3), member(identity)], { name: 'both' }),
        'single images and batches of 3': () => fuse([of(1), of(3)], { name: 'both' }),
      }),
    ).toMatchInlineSnapshot(`
      "batches of 2 and 3: ENSEMBLE both: Members take 2 and 3 images at a time, and the ensemble runs all of them at once. | Export them with a free batch axis, or use them one by one.
      single images and batches of 3: ENSEMBLE both: Members take 1 and 3 images at a time, and the ensemble runs all of them at once. | Export them with a free batch axis, or use them one by one."
    `);
    const both = graphClassifier(fuse([of(2), member(identity)], { name: 'both' }), { name: 'both' });
    const three = concatRows([images, flat(0.1, 0.2, 0.3), images]);
    close((await logitsOf(both, three)).data, [1, 2, 0.3, 0, 0, 0, 1, 2, 0.3]);
  });

  test('members of different classes, labels or sizes, and weights that do not fit are refused', async () => {
    const larger = networkGraph(channelMeans(filled('larger', [3, 4])), sidecarOf({ classes: 4 }), {
      name: 'larger',
    });
    const one = member(identity);
    const fused = (members: ImageGraph[], weights?: number[]) => () =>
      fuse(members, { name: 'both', ...(weights && { weights }) });
    expect(
      await told({
        'no members': fused([]),
        '3 and 4 classes': fused([one, larger]),
        'labels from 0 and 1': fused([one, { ...one, labelOffset: 1 }]),
        'another size': fused([one, { ...one, input: { ...one.input, height: 8 } }]),
        'too many weights': fused([one], [1, 2]),
        'a weight below 0': fused([one, one], [2, -1]),
        'weights of sum 0': fused([one, one], [0, 0]),
      }),
    ).toMatchInlineSnapshot(`
      "no members: ENSEMBLE both: An ensemble needs members. | Name at least one model.
      3 and 4 classes: ENSEMBLE both: Members answer with 3 and 4 classes. | Use models of one dataset.
      labels from 0 and 1: ENSEMBLE both: Members count labels from 0 and 1. | Use models of one dataset, or correct labels.offset in their sidecars.
      another size: ENSEMBLE both: Members are made for images of different sizes. | Load all of them for the size of the dataset.
      too many weights: ENSEMBLE both: There are 2 weights for 1 members. | Give one weight per member.
      a weight below 0: ENSEMBLE both: The weights of the members are 2, -1. | Give numbers of at least 0, not all of them 0.
      weights of sum 0: ENSEMBLE both: The weights of the members are 0, 0. | Give numbers of at least 0, not all of them 0."
    `);
  });
});
