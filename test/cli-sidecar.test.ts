import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { int64, type Tensor, tensor, writeNpy } from '../src/tensor/index.ts';
import { network, openWorld } from './cli-world.ts';

/** `advarena sidecar`, whole outputs. */

let world: Awaited<ReturnType<typeof openWorld>>;
const at = (name: string): string => path.join(world.folder, name);
const json = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'));

beforeAll(async () => {
  world = await openWorld();
  mkdirSync(at('hub'));
  writeFileSync(at('hub/model.onnx'), network());
  const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  const size = { height: 8, width: 8 };
  writeFileSync(
    at('hub/preprocessor_config.json'),
    JSON.stringify({ do_rescale: true, do_normalize: true, size, ...half }),
  );
  const id2label = { 0: 'north west', 1: 'north east', 2: 'south west', 3: 'south east' };
  writeFileSync(at('hub/config.json'), JSON.stringify({ id2label, num_channels: 3 }));
  writeFileSync(at('new.onnx'), network());
  writeFileSync(at('plain.onnx'), network());
  writeFileSync(at('free.onnx'), freeSize());
  writeFileSync(at('bright.onnx'), bright());
  writeFileSync(at('days.npy'), writeNpy(days(40)));
  writeFileSync(at('days-labels.npy'), writeNpy(int64(Array.from({ length: 40 }, (_, i) => i % 4))));
});
afterAll(() => world.close());

/** The mean of each channel as a class, at any size. */
function freeSize(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.op('GlobalAveragePool', [b.input('x', 'float32', ['N', 3, 'H', 'W'])]);
  b.output(b.op('Flatten', [x], { axis: 1 }), 'y');
  return writeModel(b.finish());
}

/** Grey images of 8x8 with one quadrant of 150 levels, in turn, and the others of 100. */
function days(count: number): Tensor<'uint8'> {
  const data = Uint8Array.from({ length: count * 192 }, (_, i) => {
    const [image, pixel] = [Math.floor(i / 192), i % 64];
    const quadrant = 2 * Math.floor(pixel / 32) + Math.floor((pixel % 8) / 4);
    return quadrant === image % 4 ? 150 : 100;
  });
  return tensor<'uint8'>(data, [count, 3, 8, 8], 'uint8');
}

/** The quadrant that is brighter than 115 levels, told by levels alone. */
function bright(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3, 8, 8]);
  const kernel = b.constant(tensor(new Float32Array(3).fill(1 / 3), [1, 3, 1, 1]));
  const grey = b.op('AveragePool', [b.op('Conv', [x, kernel])], { kernel_shape: [4, 4], strides: [4, 4] });
  // Levels less 115, kept between 0 and 60: of pixels in [0,1] nothing is left.
  const over = b.op('Clip', [b.op('Sub', [grey, b.scalar(115)]), b.scalar(0), b.scalar(60)]);
  b.output(b.op('Flatten', [over], { axis: 1 }), 'y');
  return writeModel(b.finish());
}

/** The mean of each quadrant behind BatchNormalization and Dropout as they are while a network is trained. */
function training(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3, 8, 8]);
  const filled = (value: number): string => b.constant(tensor(new Float32Array(3).fill(value), [3]));
  const [one, zero] = [filled(1), filled(0)];
  const [normal = ''] = b.node(
    'BatchNormalization',
    [x, one, zero, zero, one],
    { training_mode: 1 },
    { outputs: 3 },
  );
  const left = b.op('Dropout', [normal, b.scalar(0.1), b.constant(tensor(Uint8Array.of(1), [], 'bool'))]);
  const kernel = b.constant(tensor(new Float32Array(3).fill(1 / 3), [1, 3, 1, 1]));
  const grey = b.op('AveragePool', [b.op('Conv', [left, kernel])], { kernel_shape: [4, 4], strides: [4, 4] });
  b.output(b.op('Flatten', [grey], { axis: 1 }), 'y');
  return writeModel(b.finish());
}

test('from a graph alone', async () => {
  expect(await world.tell(['sidecar new.onnx'])).toMatchInlineSnapshot(`
    "$ sidecar new.onnx
    The sidecar of new.onnx, written to new.json

    entry           value   from
    ──────────────────────────────────────────────────────────────────────────────
    input.name      pixels  graph
    input.layout    NCHW    graph
    input.height    8       graph
    input.width     8       graph
    input.channels  RGB     graph: three channels; RGB is assumed, and not written
    output.name     scores  graph
    output.kind     logits  graph
    output.classes  4       graph

    To be filled in by hand:
      preprocessing.mean, preprocessing.std: those it was trained with; without them it gets pixels in [0,1]
        as they are. Labelled --images may tell
    = 0
    "
  `);
  expect(json('new.json')).toMatchInlineSnapshot(`
    {
      "input": {
        "height": 8,
        "layout": "NCHW",
        "name": "pixels",
        "width": 8,
      },
      "output": {
        "classes": 4,
        "kind": "logits",
        "name": "scores",
      },
    }
  `);
  // What is written is taken as it is.
  const [attacked] = await world.all([
    'attack new.onnx --images images --labels labels.csv --attack noop --epsilon 8/255 --json',
  ]);
  expect(JSON.parse(attacked?.out ?? '')).toMatchObject({ model: 'new', cleanAccuracy: 11 / 12 });
});

test('from the files of a model hub', async () => {
  expect(await world.tell(['sidecar hub/model.onnx'])).toMatchInlineSnapshot(`
    "$ sidecar hub/model.onnx
    The sidecar of hub/model.onnx, written to hub/model.json

    entry               value                         from
    ──────────────────────────────────────────────────────────────────────────
    input.name          pixels                        graph
    input.layout        NCHW                          graph
    input.height        8                             graph
    input.width         8                             graph
    input.channels      RGB                           config.json
    output.name         scores                        graph
    output.kind         logits                        graph
    output.classes      4                             graph
    preprocessing.mean  0.5, 0.5, 0.5                 preprocessor_config.json
    preprocessing.std   0.5, 0.5, 0.5                 preprocessor_config.json
    labels.names        4: north west, north east, …  config.json

    preprocessor_config.json: It scales images to 8x8. A sidecar holds the size alone: images of another size
      are scaled as a whole, linearly and without antialiasing, so that figures may differ from the model's own
      unless images come prepared.
    = 0
    "
  `);
  expect(json('hub/model.json')).toMatchObject({
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    labels: { names: ['north west', 'north east', 'south west', 'south east'] },
  });
  const [attacked] = await world.all([
    'attack hub/model.onnx --images images --labels labels.csv --attack noop --epsilon 8/255 --defense jpeg --json',
  ]);
  expect(JSON.parse(attacked?.out ?? '')).toMatchObject({
    classNames: { 0: 'north west', 1: 'north east', 2: 'south west', 3: 'south east' },
  });
});

test('from images: the preprocessing that is clearly best', async () => {
  expect(
    await world.tell([
      'sidecar bright.onnx --output tried.json --images days.npy --labels days-labels.npy',
      'sidecar plain.onnx --output - --images images --labels labels-from-1.csv',
    ]),
  ).toMatchInlineSnapshot(`
    "$ sidecar bright.onnx --output tried.json --images days.npy --labels days-labels.npy
    The sidecar of bright.onnx, written to tried.json

    entry               value                         from
    ────────────────────────────────────────────────────────────────────────────────────────────────────────
    input.name          x                             graph
    input.layout        NCHW                          graph
    input.height        8                             graph
    input.width         8                             graph
    input.channels      RGB                           graph: three channels; RGB is assumed, and not written
    output.name         y                             graph
    output.kind         logits                        graph
    output.classes      4                             graph
    preprocessing.mean  0, 0, 0                       images: 0..255
    preprocessing.std   0.003922, 0.003922, 0.003922  images

    preprocessing             order  mean                    std                        right
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
    0..255                    RGB    0                       0.003922                40 of 40  clearly best
    0..255                    BGR    0                       0.003922                40 of 40  possible
    [0,1]                     RGB    0                       1                       10 of 40
    [0,1]                     BGR    0                       1                       10 of 40
    [-1,1]                    RGB    0.5                     0.5                     10 of 40
    [-1,1]                    BGR    0.5                     0.5                     10 of 40
    CIFAR-10 mean and std     RGB    0.4914, 0.4822, 0.4465  0.247, 0.2435, 0.2616   10 of 40
    CIFAR-10 mean and std     BGR    0.4465, 0.4822, 0.4914  0.2616, 0.2435, 0.247   10 of 40
    CIFAR-10, other std       RGB    0.4914, 0.4822, 0.4465  0.2023, 0.1994, 0.201   10 of 40
    CIFAR-10, other std       BGR    0.4465, 0.4822, 0.4914  0.201, 0.1994, 0.2023   10 of 40
    CIFAR-100 mean and std    RGB    0.5071, 0.4867, 0.4408  0.2675, 0.2565, 0.2761  10 of 40
    CIFAR-100 mean and std    BGR    0.4408, 0.4867, 0.5071  0.2761, 0.2565, 0.2675  10 of 40
    ImageNet mean and std     RGB    0.485, 0.456, 0.406     0.229, 0.224, 0.225     10 of 40
    ImageNet mean and std     BGR    0.406, 0.456, 0.485     0.225, 0.224, 0.229     10 of 40
    CLIP mean and std         RGB    0.4815, 0.4578, 0.4082  0.2686, 0.2613, 0.2758  10 of 40
    CLIP mean and std         BGR    0.4082, 0.4578, 0.4815  0.2758, 0.2613, 0.2686  10 of 40
    0..255 minus Caffe means  RGB    0.485, 0.458, 0.4076    0.003922                10 of 40
    0..255 minus Caffe means  BGR    0.4076, 0.458, 0.485    0.003922                10 of 40

    0..255 in RGB is clearly best: 40 of 40 images right, next [0,1] in RGB with 10.
    The images do not tell the order of the channels.
    = 0

    $ sidecar plain.onnx --output - --images images --labels labels-from-1.csv
    {
      "input": {
        "name": "pixels",
        "layout": "NCHW",
        "height": 8,
        "width": 8
      },
      "output": {
        "name": "scores",
        "kind": "logits",
        "classes": 4
      },
      "labels": {
        "offset": 1
      }
    }
    The sidecar of plain.onnx

    entry           value   from
    ──────────────────────────────────────────────────────────────────────────────
    input.name      pixels  graph
    input.layout    NCHW    graph
    input.height    8       graph
    input.width     8       graph
    input.channels  RGB     graph: three channels; RGB is assumed, and not written
    output.name     scores  graph
    output.kind     logits  graph
    output.classes  4       graph
    labels.offset   1       images: no other fits the labels

    preprocessing             order  mean                    std                     offset     right
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    [0,1]                     RGB    0                       1                            1  11 of 12  possible
    [0,1]                     BGR    0                       1                            1  11 of 12  possible
    [-1,1]                    RGB    0.5                     0.5                          1  11 of 12  possible
    [-1,1]                    BGR    0.5                     0.5                          1  11 of 12  possible
    CIFAR-10 mean and std     RGB    0.4914, 0.4822, 0.4465  0.247, 0.2435, 0.2616        1  11 of 12  possible
    CIFAR-10 mean and std     BGR    0.4465, 0.4822, 0.4914  0.2616, 0.2435, 0.247        1  11 of 12  possible
    CIFAR-10, other std       RGB    0.4914, 0.4822, 0.4465  0.2023, 0.1994, 0.201        1  11 of 12  possible
    CIFAR-10, other std       BGR    0.4465, 0.4822, 0.4914  0.201, 0.1994, 0.2023        1  11 of 12  possible
    CIFAR-100 mean and std    RGB    0.5071, 0.4867, 0.4408  0.2675, 0.2565, 0.2761       1  11 of 12  possible
    CIFAR-100 mean and std    BGR    0.4408, 0.4867, 0.5071  0.2761, 0.2565, 0.2675       1  11 of 12  possible
    ImageNet mean and std     RGB    0.485, 0.456, 0.406     0.229, 0.224, 0.225          1  11 of 12  possible
    ImageNet mean and std     BGR    0.406, 0.456, 0.485     0.225, 0.224, 0.229          1  11 of 12  possible
    CLIP mean and std         RGB    0.4815, 0.4578, 0.4082  0.2686, 0.2613, 0.2758       1  11 of 12  possible
    CLIP mean and std         BGR    0.4082, 0.4578, 0.4815  0.2758, 0.2613, 0.2686       1  11 of 12  possible
    0..255                    RGB    0                       0.003922                     1  11 of 12  possible
    0..255                    BGR    0                       0.003922                     1  11 of 12  possible
    0..255 minus Caffe means  RGB    0.485, 0.458, 0.4076    0.003922                     1  11 of 12  possible
    0..255 minus Caffe means  BGR    0.4076, 0.458, 0.485    0.003922                     1  11 of 12  possible

    No preprocessing is clearly best on these images; those that may be right are [0,1] in RGB with offset 1 (11
      of 12 images right), [0,1] in BGR with offset 1 (11 of 12 images right), [-1,1] in RGB with offset 1 (11 of
      12 images right), [-1,1] in BGR with offset 1 (11 of 12 images right), and 14 more. More labelled images
      tell more; until then what is drafted stays.
    For [0,1] in RGB with offset 1 write "preprocessing": {}, "labels": { "offset": 1 }
    For [0,1] in BGR with offset 1 write "channels": "BGR" under "input", "preprocessing": {}, "labels": {
      "offset": 1 }
    For [-1,1] in RGB with offset 1 write "preprocessing": { "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5] },
      "labels": { "offset": 1 }
    For [-1,1] in BGR with offset 1 write "channels": "BGR" under "input", "preprocessing": { "mean": [0.5, 0.5,
      0.5], "std": [0.5, 0.5, 0.5] }, "labels": { "offset": 1 }

    To be filled in by hand:
      preprocessing.mean, preprocessing.std: those it was trained with; without them it gets pixels in [0,1]
        as they are
    = 0
    "
  `);
});

test('into a sidecar that is there, of which all stays', async () => {
  writeFileSync(at('mine.onnx'), bright());
  const hand = {
    source: { by: 'hand' },
    output: { name: 'y' },
    labels: { names: ['a', 'b', 'c', 'd'] },
    outputs: { grey: 'y' },
  };
  writeFileSync(at('mine.json'), JSON.stringify(hand));
  const line = 'sidecar mine.onnx --images days.npy --labels days-labels.npy';
  expect(await world.tell([`${line} --force`])).toMatchInlineSnapshot(`
    "$ sidecar mine.onnx --images days.npy --labels days-labels.npy --force
    The sidecar of mine.onnx, written to mine.json

    entry               value                         from
    ────────────────────────────────────────────────────────────────────────────────────────────────────────
    input.name          x                             graph
    input.layout        NCHW                          graph
    input.height        8                             graph
    input.width         8                             graph
    input.channels      RGB                           graph: three channels; RGB is assumed, and not written
    output.name         y                             kept from the sidecar that was there
    output.kind         logits                        graph
    output.classes      4                             graph
    outputs.grey        y                             kept from the sidecar that was there
    labels.names        4: a, b, …                    kept from the sidecar that was there
    source              {"by":"hand"}                 kept from the sidecar that was there
    preprocessing.mean  0, 0, 0                       images: 0..255
    preprocessing.std   0.003922, 0.003922, 0.003922  images

    preprocessing             order  mean                    std                        right
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
    0..255                    RGB    0                       0.003922                40 of 40  clearly best
    0..255                    BGR    0                       0.003922                40 of 40  possible
    [0,1]                     RGB    0                       1                       10 of 40
    [0,1]                     BGR    0                       1                       10 of 40
    [-1,1]                    RGB    0.5                     0.5                     10 of 40
    [-1,1]                    BGR    0.5                     0.5                     10 of 40
    CIFAR-10 mean and std     RGB    0.4914, 0.4822, 0.4465  0.247, 0.2435, 0.2616   10 of 40
    CIFAR-10 mean and std     BGR    0.4465, 0.4822, 0.4914  0.2616, 0.2435, 0.247   10 of 40
    CIFAR-10, other std       RGB    0.4914, 0.4822, 0.4465  0.2023, 0.1994, 0.201   10 of 40
    CIFAR-10, other std       BGR    0.4465, 0.4822, 0.4914  0.201, 0.1994, 0.2023   10 of 40
    CIFAR-100 mean and std    RGB    0.5071, 0.4867, 0.4408  0.2675, 0.2565, 0.2761  10 of 40
    CIFAR-100 mean and std    BGR    0.4408, 0.4867, 0.5071  0.2761, 0.2565, 0.2675  10 of 40
    ImageNet mean and std     RGB    0.485, 0.456, 0.406     0.229, 0.224, 0.225     10 of 40
    ImageNet mean and std     BGR    0.406, 0.456, 0.485     0.225, 0.224, 0.229     10 of 40
    CLIP mean and std         RGB    0.4815, 0.4578, 0.4082  0.2686, 0.2613, 0.2758  10 of 40
    CLIP mean and std         BGR    0.4082, 0.4578, 0.4815  0.2758, 0.2613, 0.2686  10 of 40
    0..255 minus Caffe means  RGB    0.485, 0.458, 0.4076    0.003922                10 of 40
    0..255 minus Caffe means  BGR    0.4076, 0.458, 0.485    0.003922                10 of 40

    0..255 in RGB is clearly best: 40 of 40 images right, next [0,1] in RGB with 10.
    The images do not tell the order of the channels.
    = 0
    "
  `);
  expect(json('mine.json')).toEqual({
    ...hand,
    input: { name: 'x', layout: 'NCHW', height: 8, width: 8 },
    preprocessing: { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
    output: { name: 'y', kind: 'logits', classes: 4 },
  });
  const settled = readFileSync(at('mine.json'), 'utf8');
  const [again, other] = await world.all([`${line} --force`, 'sidecar mine.onnx --output copy.json']);
  expect([again?.code, other?.code, readFileSync(at('mine.json'), 'utf8')]).toEqual([0, 0, settled]);
  expect(readFileSync(at('copy.json'), 'utf8')).toBe(settled);

  // What is wrong with it is told; the images are compared with it, and change nothing.
  const wrong = { ...hand, preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } };
  writeFileSync(at('mine.json'), JSON.stringify(wrong));
  writeFileSync(at('other.onnx'), bright());
  writeFileSync(at('other.json'), JSON.stringify({ input: { height: 9 } }));
  writeFileSync(at('torn.onnx'), bright());
  writeFileSync(at('torn.json'), '{');
  const told = await world.tell([
    `${line} --force`,
    'sidecar other.onnx --images days.npy --labels days-labels.npy --force',
    'sidecar torn.onnx --force',
  ]);
  expect(told).toMatchInlineSnapshot(`
    "$ sidecar mine.onnx --images days.npy --labels days-labels.npy --force
    The sidecar of mine.onnx, written to mine.json

    entry               value          from
    ─────────────────────────────────────────────────────────────────────────────────────────
    input.name          x              graph
    input.layout        NCHW           graph
    input.height        8              graph
    input.width         8              graph
    input.channels      RGB            graph: three channels; RGB is assumed, and not written
    output.name         y              kept from the sidecar that was there
    output.kind         logits         graph
    output.classes      4              graph
    preprocessing.mean  0.5, 0.5, 0.5  kept from the sidecar that was there
    preprocessing.std   0.5, 0.5, 0.5  kept from the sidecar that was there
    outputs.grey        y              kept from the sidecar that was there
    labels.names        4: a, b, …     kept from the sidecar that was there
    source              {"by":"hand"}  kept from the sidecar that was there

    preprocessing             order  mean                    std                        right
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
    0..255                    RGB    0                       0.003922                40 of 40  clearly best
    0..255                    BGR    0                       0.003922                40 of 40  possible
    [0,1]                     RGB    0                       1                       10 of 40
    [0,1]                     BGR    0                       1                       10 of 40
    [-1,1]                    RGB    0.5                     0.5                     10 of 40
    [-1,1]                    BGR    0.5                     0.5                     10 of 40
    CIFAR-10 mean and std     RGB    0.4914, 0.4822, 0.4465  0.247, 0.2435, 0.2616   10 of 40
    CIFAR-10 mean and std     BGR    0.4465, 0.4822, 0.4914  0.2616, 0.2435, 0.247   10 of 40
    CIFAR-10, other std       RGB    0.4914, 0.4822, 0.4465  0.2023, 0.1994, 0.201   10 of 40
    CIFAR-10, other std       BGR    0.4465, 0.4822, 0.4914  0.201, 0.1994, 0.2023   10 of 40
    CIFAR-100 mean and std    RGB    0.5071, 0.4867, 0.4408  0.2675, 0.2565, 0.2761  10 of 40
    CIFAR-100 mean and std    BGR    0.4408, 0.4867, 0.5071  0.2761, 0.2565, 0.2675  10 of 40
    ImageNet mean and std     RGB    0.485, 0.456, 0.406     0.229, 0.224, 0.225     10 of 40
    ImageNet mean and std     BGR    0.406, 0.456, 0.485     0.225, 0.224, 0.229     10 of 40
    CLIP mean and std         RGB    0.4815, 0.4578, 0.4082  0.2686, 0.2613, 0.2758  10 of 40
    CLIP mean and std         BGR    0.4082, 0.4578, 0.4815  0.2758, 0.2613, 0.2686  10 of 40
    0..255 minus Caffe means  RGB    0.485, 0.458, 0.4076    0.003922                10 of 40
    0..255 minus Caffe means  BGR    0.4076, 0.458, 0.485    0.003922                10 of 40

    0..255 in RGB is clearly best: 40 of 40 images right, next [0,1] in RGB with 10.
    The images do not tell the order of the channels.
    The sidecar that was there says otherwise (10 of 40 images right): what was there stays. Take preprocessing
      out of it to have that of the images.
    = 0

    $ sidecar other.onnx --images days.npy --labels days-labels.npy --force
    The sidecar of other.onnx, written to other.json

    entry           value   from
    ──────────────────────────────────────────────────────────────────────────────
    input.name      x       graph
    input.layout    NCHW    graph
    input.height    9       kept from the sidecar that was there
    input.width     8       graph
    input.channels  RGB     graph: three channels; RGB is assumed, and not written
    output.name     y       graph
    output.kind     logits  graph
    output.classes  4       graph

    What the sidecar that was there says does not fit, and stays all the same: The graph takes [N, 3, 8, 8], its
      sidecar says [N, 3, 9, 8] (NCHW).
    No preprocessing could be tried before that is mended.

    To be filled in by hand:
      preprocessing.mean, preprocessing.std: those it was trained with; without them it gets pixels in [0,1]
        as they are
    = 0

    $ sidecar torn.onnx --force
    error SIDECAR  torn.json: The sidecar is no JSON: see line 1, column 2.
      fix: Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
    = 2
    "
  `);
  expect(json('mine.json')).toMatchObject(wrong);
  expect(readFileSync(at('torn.json'), 'utf8')).toBe('{');
});

test('what a hand wrote is written again as it stood', async () => {
  writeFileSync(at('hand.onnx'), network());
  writeFileSync(
    at('hand.json'),
    '{"mine": {"seed": 12345678901234567890}, "preprocessing": {"std": [0.50, 0.5, 5e-1]}}',
  );
  const [told, printed] = await world.all([
    'sidecar hand.onnx --force',
    'sidecar hand.onnx --output - --json',
  ]);
  expect([told?.code, printed?.code]).toEqual([0, 0]);
  const text = readFileSync(at('hand.json'), 'utf8');
  for (const all of [text, printed?.out.replaceAll(',', ', ')]) {
    expect(all).toMatch(/"seed": ?12345678901234567890/);
    expect(all).toMatch(/"std": ?\[0\.50, 0\.5, 5e-1\]/);
  }
});

test('a guess is told in results, and goes where a file or images know more', async () => {
  mkdirSync(at('guess'));
  const write = (): void =>
    writeFileSync(
      at('guess/m.json'),
      JSON.stringify({ preprocessing: { mean: [0.49, 0.48, 0.44], alike: ['CLIP mean and std'] } }),
    );
  writeFileSync(at('guess/m.onnx'), bright());
  write();
  const [kept, attacked] = await world.all([
    'sidecar guess/m.onnx --force',
    'attack guess/m.onnx --images days.npy --labels days-labels.npy --attack noop --epsilon 8/255 --json',
  ]);
  expect(kept?.code).toBe(0);
  expect(json('guess/m.json')).toMatchObject({
    preprocessing: { mean: [0.49, 0.48, 0.44], alike: ['CLIP mean and std'] },
  });
  const { flags } = JSON.parse(attacked?.out ?? '') as { flags: { code: string; message: string }[] };
  expect(flags.find(({ code }) => code === 'PREPROCESSING_GUESSED')?.message).toMatch(
    / --images days\.npy --labels days-labels\.npy --force$/,
  );
  const [decided] = await world.all([
    'sidecar guess/m.onnx --force --images days.npy --labels days-labels.npy',
  ]);
  expect(decided?.out).toContain('that of images takes its place');
  expect(json('guess/m.json')).toMatchObject({ preprocessing: { mean: [0, 0, 0] } });
  write();
  writeFileSync(
    at('guess/preprocessor_config.json'),
    '{"do_normalize": true, "image_mean": [0.5], "image_std": [0.5]}',
  );
  const [found] = await world.all(['sidecar guess/m.onnx --force']);
  expect(found?.out).toContain('that of preprocessor_config.json takes its place');
  const half = [0.5, 0.5, 0.5];
  expect((json('guess/m.json') as { preprocessing: object }).preprocessing).toEqual({
    mean: half,
    std: half,
  });
});

test('a graph in training mode is told as the reason why preprocessings are alike', async () => {
  writeFileSync(at('training.onnx'), training());
  const [said] = await world.all([
    'sidecar training.onnx --output - --images days.npy --labels days-labels.npy --json',
  ]);
  const { notes } = JSON.parse(said?.out ?? '') as { notes: string[] };
  expect(notes).toEqual([
    expect.stringMatching(/^RANDOM: Dropout .*\(model\.eval\(\)\)\.$/),
    expect.stringMatching(/^BATCH_COUPLED: BatchNormalization .*\(model\.eval\(\)\)\.$/),
    expect.not.stringContaining('More labelled images'),
  ]);
});

test('as JSON', async () => {
  const [said] = await world.all([
    'sidecar bright.onnx --output - --images days.npy --labels days-labels.npy --json',
  ]);
  expect(said?.err).toBe('');
  const { trials, ...rest } = JSON.parse(said?.out ?? '') as { trials: { best: object } };
  expect(trials.best).toMatchObject({ title: '0..255', right: 40, offset: 0 });
  expect(rest).toMatchInlineSnapshot(`
    {
      "entries": [
        {
          "entry": "input.name",
          "from": "graph",
          "value": "x",
        },
        {
          "entry": "input.layout",
          "from": "graph",
          "value": "NCHW",
        },
        {
          "entry": "input.height",
          "from": "graph",
          "value": 8,
        },
        {
          "entry": "input.width",
          "from": "graph",
          "value": 8,
        },
        {
          "entry": "input.channels",
          "from": "graph",
          "guess": true,
          "note": "three channels; RGB is assumed, and not written",
          "value": "RGB",
        },
        {
          "entry": "output.name",
          "from": "graph",
          "value": "y",
        },
        {
          "entry": "output.kind",
          "from": "graph",
          "value": "logits",
        },
        {
          "entry": "output.classes",
          "from": "graph",
          "value": 4,
        },
        {
          "entry": "preprocessing.mean",
          "from": "images",
          "note": "0..255",
          "value": [
            0,
            0,
            0,
          ],
        },
        {
          "entry": "preprocessing.std",
          "from": "images",
          "value": [
            0.00392156862745098,
            0.00392156862745098,
            0.00392156862745098,
          ],
        },
      ],
      "file": null,
      "missing": [],
      "model": "bright.onnx",
      "notes": [
        "0..255 in RGB is clearly best: 40 of 40 images right, next [0,1] in RGB with 10.",
        "The images do not tell the order of the channels.",
      ],
      "sidecar": {
        "input": {
          "height": 8,
          "layout": "NCHW",
          "name": "x",
          "width": 8,
        },
        "output": {
          "classes": 4,
          "kind": "logits",
          "name": "y",
        },
        "preprocessing": {
          "mean": [
            0,
            0,
            0,
          ],
          "std": [
            0.00392156862745098,
            0.00392156862745098,
            0.00392156862745098,
          ],
        },
      },
    }
  `);
});

test('what cannot be known is to be filled in', async () => {
  expect(await world.tell(['sidecar free.onnx --output -'])).toMatchInlineSnapshot(`
    "$ sidecar free.onnx --output -
    {
      "input": {
        "name": "x",
        "layout": "NCHW"
      },
      "output": {
        "name": "y",
        "kind": "logits",
        "classes": 3
      }
    }
    The sidecar of free.onnx

    entry           value   from
    ──────────────────────────────────────────────────────────────────────────────
    input.name      x       graph
    input.layout    NCHW    graph
    input.channels  RGB     graph: three channels; RGB is assumed, and not written
    output.name     y       graph
    output.kind     logits  graph
    output.classes  3       graph

    To be filled in by hand:
      input.height: the size of the images
      input.width: the size of the images
      preprocessing.mean, preprocessing.std: those it was trained with; without them it gets pixels in [0,1]
        as they are. Labelled --images may tell
    = 0
    "
  `);
});

describe('refuses', () => {
  test('to write over what is there, before any work', async () => {
    const lines = [
      'sidecar quad.onnx',
      'sidecar quad.onnx --output quad.onnx --force',
      'sidecar quad.onnx --output labels.csv --images images --labels labels.csv --force',
      'sidecar hub/model.onnx --output hub/config.json --force',
      'sidecar quad.onnx --output images',
      'sidecar quad.onnx --output nowhere/quad.json',
      'sidecar gone.onnx',
    ];
    const before = readFileSync(at('quad.json'), 'utf8');
    expect(await world.tell(lines)).toMatchInlineSnapshot(`
      "$ sidecar quad.onnx
      error OUTPUT_EXISTS  quad.json: There is a file already.
        fix: Add --force to fill in what a sidecar leaves open (all that it says stays), --output FILE to write elsewhere, or --output - to print the sidecar.
      = 2

      $ sidecar quad.onnx --output quad.onnx --force
      error OUTPUT_IS_INPUT  quad.onnx: This file is read, and would be overwritten.
        fix: Write to another place.
      = 2

      $ sidecar quad.onnx --output labels.csv --images images --labels labels.csv --force
      error OUTPUT_IS_INPUT  labels.csv: This file is read, and would be overwritten.
        fix: Write to another place.
      = 2

      $ sidecar hub/model.onnx --output hub/config.json --force
      error OUTPUT_IS_INPUT  hub/config.json: This file is read, and would be overwritten.
        fix: Write to another place.
      = 2

      $ sidecar quad.onnx --output images
      error OUTPUT_UNWRITABLE  images: A folder has the name of this file.
        fix: Choose another place, or move that folder.
      = 2

      $ sidecar quad.onnx --output nowhere/quad.json
      error OUTPUT_UNWRITABLE  nowhere/quad.json: The folder to write into does not exist.
        fix: Make the folder first.
      = 2

      $ sidecar gone.onnx
      error FILE_MISSING  gone.onnx: There is no such file or folder.
        fix: Check the path; relative ones start at the working folder.
      = 2
      "
    `);
    expect(readFileSync(at('quad.json'), 'utf8')).toBe(before);
    const [forced] = await world.all([
      'sidecar quad.onnx --force --output forced.json',
      'sidecar quad.onnx --force --output forced.json',
    ]);
    expect([forced?.code, existsSync(at('forced.json'))]).toEqual([0, true]);
  });

  test('files of a hub that are none', async () => {
    mkdirSync(at('torn'));
    writeFileSync(at('torn/model.onnx'), network());
    writeFileSync(at('torn/config.json'), '{"id2label": ');
    expect(await world.tell(['sidecar torn/model.onnx'])).toMatchInlineSnapshot(`
      "$ sidecar torn/model.onnx
      error HUB_FILE  torn/config.json: The file beside the model is no JSON: it is cut off at its end.
        fix: Mend it or take it away: what it says of the model is read.
      = 2
      "
    `);
    expect(existsSync(at('torn/model.json'))).toBe(false);
  });
});
