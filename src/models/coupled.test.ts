import { expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { graphClassifier } from './graph-classifier.ts';
import { type ImageGraph, networkGraph } from './network.ts';
import { parseSidecar } from './sidecar.ts';

const sidecar = parseSidecar(
  JSON.stringify({
    input: { name: 'x', layout: 'NCHW', height: 1, width: 1, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'y', kind: 'logits', classes: 3 },
  }),
  'test.json',
);

/** Pixels less their mean over the batch. */
function centred(batch: number | string): ImageGraph {
  const b = new GraphBuilder(undefined, { name: 'centred' });
  const pixels = b.op('Flatten', [b.input('x', 'float32', [batch, 3, 1, 1])]);
  b.output(b.op('Sub', [pixels, b.op('ReduceMean', [pixels, b.ints([0])])]), 'y');
  return networkGraph(b.finish(), sidecar, { name: 'centred' });
}

test('a network that computes over its batch is run image by image, with a flag', async () => {
  const image = centred('N');
  expect([image.maxRows, image.flags]).toEqual([
    1,
    [
      {
        code: 'BATCH_COUPLED',
        message: 'centred computes over its whole batch (ReduceMean), so its images are run one at a time.',
      },
    ],
  ]);
  const model = graphClassifier(image, { name: 'centred' });
  const images = tensor(Float32Array.from([0.5, 0.25, 1, 0, 0.75, 0.125]), [2, 3, 1, 1]);
  const { data } = await model.scores({ images, ids: ['a', 'b'] });
  await model.release();
  expect([...data]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a batch of 1 is not freed where rows would then act upon each other', () => {
  const image = centred(1);
  expect([image.maxRows, image.flags.map((f) => f.code)]).toEqual([1, ['FIXED_BATCH']]);
});
