import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fromConfig, fromPreprocessor, readHubFiles } from './hub-files.ts';

const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };

/** What a processor makes of a pixel in [0,1] of the first channel, step by step as transformers does it. */
function processed(
  pixel: number,
  {
    factor = 1 / 255,
    offset = 0,
    mean = 0,
    std = 1,
  }: { factor?: number; offset?: number; mean?: number; std?: number },
): number {
  return (255 * pixel * factor - offset - mean) / std;
}

describe('preprocessor_config.json', () => {
  test.for([
    ['an old one', { do_normalize: true, ...imagenet }, { mean: 0.485, std: 0.229 }],
    [
      'a new one',
      { do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, ...half },
      { mean: 0.5, std: 0.5 },
    ],
    [
      'levels',
      { do_rescale: false, do_normalize: true, image_mean: [123.68, 116.779, 103.939], image_std: [1, 1, 1] },
      { factor: 1, mean: 123.68 },
    ],
    ['levels as they are', { do_rescale: false, do_normalize: false }, { factor: 1 }],
    ['no normalisation', { do_rescale: true, do_normalize: false, ...half }, {}],
    [
      'another factor',
      { rescale_factor: 1 / 127.5, do_normalize: false, rescale_offset: true },
      { factor: 1 / 127.5, offset: 1 },
    ],
    [
      'an offset before mean and std',
      { rescale_factor: 1 / 127.5, offset: true, ...half },
      { factor: 1 / 127.5, offset: 1, mean: 0.5, std: 0.5 },
    ],
    [
      'twice the deviation',
      {
        image_processor_type: 'EfficientNetImageProcessor',
        do_normalize: true,
        image_mean: [0.4],
        image_std: [0.5],
      },
      { mean: 0.4, std: 0.25 },
    ],
    [
      'once the deviation',
      {
        image_processor_type: 'EfficientNetImageProcessor',
        do_normalize: true,
        include_top: false,
        image_mean: [0.4],
        image_std: [0.5],
      },
      { mean: 0.4, std: 0.5 },
    ],
    ['one number for all', { image_mean: 0.5, image_std: 0.25 }, { mean: 0.5, std: 0.25 }],
    ['a part of another', { image_processor: { do_normalize: true, ...half } }, { mean: 0.5, std: 0.5 }],
  ] as const)('%s', ([, data, steps]) => {
    const { preprocessing, notes } = fromPreprocessor(data);
    expect(notes).toEqual([]);
    const [mean = Number.NaN, std = Number.NaN] = [preprocessing?.mean[0], preprocessing?.std[0]];
    for (const pixel of [0, 0.3, 1]) expect((pixel - mean) / std).toBeCloseTo(processed(pixel, steps), 9);
  });

  test('sizes in all forms; what is cut out counts', () => {
    const size = (data: object) => fromPreprocessor({ ...data }).size;
    expect(size({ size: 224 })).toEqual({ height: 224, width: 224 });
    expect(size({ size: { height: 256, width: 128 } })).toEqual({ height: 256, width: 128 });
    expect(size({ size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } })).toEqual({
      height: 224,
      width: 224,
    });
    expect(size({ size: { shortest_edge: 256 }, crop_size: 224, do_center_crop: true })).toEqual({
      height: 224,
      width: 224,
    });
    expect(size({ size: { shortest_edge: 256 }, crop_size: 224, do_center_crop: false })).toEqual({
      height: 256,
      width: 256,
    });
    expect(size({ size: [32, 48], crop_size: null })).toEqual({ height: 32, width: 48 });
    expect(size({ size: 224, do_resize: false })).toBeUndefined();
    expect(size({})).toBeUndefined();
  });

  test('what is not understood is noted', () => {
    expect(fromPreprocessor({ do_normalize: true })).toEqual({
      file: 'preprocessor_config.json',
      notes: ['It normalises with numbers that are not in the file.'],
    });
    expect(
      fromPreprocessor({ size: 'large', image_mean: 'x', image_std: [1], do_flip_channel_order: true }),
    ).toEqual({
      file: 'preprocessor_config.json',
      channels: 'BGR',
      notes: [
        'size is of a form that is not known and was passed over.',
        'image_mean is of a form that is not known and was passed over.',
        'It normalises with numbers that are not in the file.',
      ],
    });
    // Of a sound, or of texts.
    expect(fromPreprocessor({ sampling_rate: 16_000 })).toEqual({
      file: 'preprocessor_config.json',
      notes: [],
    });
  });
});

describe('config.json', () => {
  test('classes by id2label, in the order of their numbers', () => {
    const id2label = {
      '10': 'k',
      ...Object.fromEntries(Array.from('abcdefghij').map((c, i) => [String(i), c])),
    };
    expect(fromConfig({ id2label, num_channels: 3, image_size: 32 })).toEqual({
      file: 'config.json',
      size: { height: 32, width: 32 },
      channels: 'RGB',
      classes: 11,
      names: Array.from('abcdefghijk'),
      notes: [],
    });
  });

  test('other forms of it', () => {
    const named = { classes: 2, names: ['cat', 'dog'] };
    expect(fromConfig({ label2id: { dog: 1, cat: '0' } })).toMatchObject(named);
    expect(fromConfig({ id2label: ['cat', 'dog'], label2id: { x: 0 } })).toMatchObject(named);
    expect(fromConfig({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } })).toEqual({
      file: 'config.json',
      classes: 2,
      notes: [],
    });
    expect(fromConfig({ num_labels: 5, image_size: [8, 4], id2label: null })).toMatchObject({
      classes: 5,
      size: { height: 8, width: 4 },
    });
  });

  test('what cannot be a list of classes, or is no classifier of one of them, is noted', () => {
    expect(fromConfig({ id2label: { 0: 'a', 2: 'b' } }).notes).toEqual([
      'id2label and label2id name not every class from 0 on and were passed over.',
    ]);
    expect(fromConfig({ label2id: { a: 0, b: 0 } }).names).toBeUndefined();
    expect(fromConfig({ problem_type: 'multi_label_classification' }).notes).toEqual([
      'problem_type is multi_label_classification: several classes hold at once, and the largest score is no answer.',
    ]);
    expect(fromConfig({ problem_type: 'regression' }).notes).toHaveLength(1);
    expect(fromConfig({ problem_type: 'single_label_classification' }).notes).toEqual([]);
  });
});

test('files lie beside the model, above a folder onnx, or beside what it is a link to', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'advarena-hub-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
  for (const name of ['onnx', 'links']) mkdirSync(path.join(folder, name));
  for (const name of ['model.onnx', 'onnx/model.onnx']) write(name, '');
  symlinkSync(path.join(folder, 'model.onnx'), path.join(folder, 'links/link.onnx'));
  const names = async (model: string): Promise<string[]> =>
    (await readHubFiles(path.join(folder, model))).map(({ file, classes }) =>
      `${file} ${classes ?? ''}`.trim(),
    );
  expect(await names('model.onnx')).toEqual([]);
  write('preprocessor_config.json', '\u{FEFF}{}');
  write('config.json', '{"num_labels": 3}');
  for (const model of ['model.onnx', 'onnx/model.onnx', 'links/link.onnx'])
    expect(await names(model)).toEqual(['preprocessor_config.json', 'config.json 3']);
  write('links/config.json', '{"num_labels": 4}');
  expect(await names('links/link.onnx')).toEqual(['preprocessor_config.json', 'config.json 4']);
  write('links/config.json', '{"num_labels": ');
  await expect(names('links/link.onnx')).rejects.toMatchObject({
    code: 'HUB_FILE',
    message: 'The file beside the model is no JSON.',
  });
  write('links/config.json', '[]');
  await expect(names('links/link.onnx')).rejects.toMatchObject({
    code: 'HUB_FILE',
    message: 'The file beside the model is no object.',
  });
});
