import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { int64, type Tensor, tensor, writeNpy } from '../src/tensor/index.ts';
import { ended, hostsOf, network, openWorld } from './cli-world.ts';

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

test('from a graph alone', async () => {
  expect(await world.tell(['sidecar new.onnx'])).toMatchInlineSnapshot(`
    "$ sidecar new.onnx
    The sidecar of new.onnx, written to new.json

    entry           value   from
    ────────────────────────────────────────────────────────────────────────────────────
    input.name      pixels  graph
    input.layout    NCHW    graph
    input.height    8       graph
    input.width     8       graph
    input.channels  RGB     graph: three channels; their order is not told, RGB is usual
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
        "channels": "RGB",
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
      'sidecar quad.onnx --output - --images images --labels labels-from-1.csv',
    ]),
  ).toMatchInlineSnapshot(`
    "$ sidecar bright.onnx --output tried.json --images days.npy --labels days-labels.npy
    The sidecar of bright.onnx, written to tried.json

    entry               value                         from
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
    input.name          x                             graph
    input.layout        NCHW                          graph
    input.height        8                             graph
    input.width         8                             graph
    input.channels      RGB                           graph: three channels; their order is not told, RGB is usual
    output.name         y                             graph
    output.kind         logits                        graph
    output.classes      4                             graph
    preprocessing.mean  0, 0, 0                       images: 0..255
    preprocessing.std   0.003922, 0.003922, 0.003922  images

    preprocessing             channels     right  accuracy
    ────────────────────────────────────────────────────────────────────
    0..255                    RGB       40 of 40   100.0 %  clearly best
    0..255                    BGR       40 of 40   100.0 %
    [0,1]                     RGB       10 of 40    25.0 %
    [0,1]                     BGR       10 of 40    25.0 %
    [-1,1]                    RGB       10 of 40    25.0 %
    [-1,1]                    BGR       10 of 40    25.0 %
    ImageNet mean and std     RGB       10 of 40    25.0 %
    ImageNet mean and std     BGR       10 of 40    25.0 %
    0..255 minus Caffe means  RGB       10 of 40    25.0 %
    0..255 minus Caffe means  BGR       10 of 40    25.0 %

    0..255 in RGB is clearly best: 40 of 40 images right, next [0,1] in RGB with 10.
    The images do not tell the order of the channels.
    = 0

    $ sidecar quad.onnx --output - --images images --labels labels-from-1.csv
    {
      "input": {
        "name": "pixels",
        "layout": "NCHW",
        "height": 8,
        "width": 8,
        "channels": "RGB"
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
    The sidecar of quad.onnx

    entry           value   from
    ────────────────────────────────────────────────────────────────────────────────────
    input.name      pixels  graph
    input.layout    NCHW    graph
    input.height    8       graph
    input.width     8       graph
    input.channels  RGB     graph: three channels; their order is not told, RGB is usual
    output.name     scores  graph
    output.kind     logits  graph
    output.classes  4       graph
    labels.offset   1       images: no other fits the labels

    preprocessing             channels     right  accuracy
    ──────────────────────────────────────────────────────
    [0,1]                     RGB       11 of 12    91.7 %
    [0,1]                     BGR       11 of 12    91.7 %
    [-1,1]                    RGB       11 of 12    91.7 %
    [-1,1]                    BGR       11 of 12    91.7 %
    ImageNet mean and std     RGB       11 of 12    91.7 %
    ImageNet mean and std     BGR       11 of 12    91.7 %
    0..255                    RGB       11 of 12    91.7 %
    0..255                    BGR       11 of 12    91.7 %
    0..255 minus Caffe means  RGB       11 of 12    91.7 %
    0..255 minus Caffe means  BGR       11 of 12    91.7 %

    No preprocessing is clearly best on these images; among those that may be are [0,1] in RGB with offset 1 (11
      of 12 images right), [0,1] in BGR with offset 1 (11 of 12 images right), [-1,1] in RGB with offset 1 (11 of
      12 images right), [-1,1] in BGR with offset 1 (11 of 12 images right). More labelled images tell more; until
      then what is drafted stays.

    To be filled in by hand:
      preprocessing.mean, preprocessing.std: those it was trained with; without them it gets pixels in [0,1]
        as they are
    = 0
    "
  `);
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
          "note": "three channels; their order is not told, RGB is usual",
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
          "channels": "RGB",
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
        "layout": "NCHW",
        "channels": "RGB"
      },
      "output": {
        "name": "y",
        "kind": "logits",
        "classes": 3
      }
    }
    The sidecar of free.onnx

    entry           value   from
    ────────────────────────────────────────────────────────────────────────────────────
    input.name      x       graph
    input.layout    NCHW    graph
    input.channels  RGB     graph: three channels; their order is not told, RGB is usual
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
        fix: Add --force to replace it, --output FILE to write elsewhere, or --output - to print the sidecar.
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
      error HUB_FILE  torn/config.json: The file beside the model is no JSON.
        fix: Mend it or take it away: what it says of the model is read.
      = 2
      "
    `);
    expect(existsSync(at('torn/model.json'))).toBe(false);
  });
});

test.runIf(existsSync('/proc/self/task'))('Ctrl-C stops the trials, and nothing is written', async () => {
  const count = 20_000;
  writeFileSync(at('many.npy'), writeNpy(days(count)));
  writeFileSync(at('many-labels.npy'), writeNpy(int64(Array.from({ length: count }, () => 0))));
  const line = 'sidecar quad.onnx --images many.npy --labels many-labels.npy --output stopped.json';
  const child = world.start(...line.split(' '));
  const end = ended(child);
  while (hostsOf(child.pid as number).length === 0) await sleep(20);
  child.kill('SIGINT');
  expect(await end).toMatchInlineSnapshot(`
    {
      "code": 130,
      "err": "
    Stopping after the current run; Ctrl-C again to stop at once.
    error STOPPED  Stopped.
      fix: Run the same command again: nothing was written.
    ",
      "out": "",
    }
  `);
  expect(existsSync(at('stopped.json'))).toBe(false);
});
