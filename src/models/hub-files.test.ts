import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fromConfig, readHubFiles } from './hub-files.ts';
import { fromPreprocessor } from './hub-preprocessor.ts';
import { processorOf } from './hub-processors.ts';

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
    ['levels as they are', { do_rescale: false, do_normalize: false, rescale_offset: true }, { factor: 1 }],
    ['levels without a word of the offset', { do_rescale: false, do_normalize: false }, { factor: 1 }],
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
        do_resize: false,
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
        do_resize: false,
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

  // What transformers 4.57 does of itself, read in the source of each class.
  test.for([
    ['ViTImageProcessor', 0.5, 0.5],
    ['ViTFeatureExtractor', 0.5, 0.5],
    ['ViTImageProcessorFast', 0.5, 0.5],
    ['ConvNextImageProcessor', 0.5, 0.5],
    ['LevitImageProcessor', 0.485, 0.229],
    ['PvtImageProcessor', 0.485, 0.229],
    ['BitImageProcessor', 0.48145466, 0.26862954],
    ['CLIPFeatureExtractor', 0.48145466, 0.26862954],
    ['EfficientNetImageProcessor', 0.5, 0.25],
  ] as const)('%s normalises where its file says nothing', ([type, mean, std]) => {
    const as = { do_resize: false, do_center_crop: false };
    const { preprocessing, notes } = fromPreprocessor({ image_processor_type: type, ...as });
    expect([preprocessing?.mean[0], preprocessing?.std[0]]).toEqual([mean, std]);
    expect(notes).toEqual([
      `image_mean and image_std are not in the file: taken as ${type} has them by default.`,
    ]);
    expect(fromPreprocessor({ feature_extractor_type: type, do_normalize: false }).preprocessing).toEqual({
      mean: [0],
      std: [1],
    });
    // What it says counts, and what it leaves open beside does not change.
    const half = fromPreprocessor({
      image_processor_type: type,
      image_mean: [0.25],
      do_rescale: false,
      ...as,
    });
    expect(half.preprocessing?.mean[0]).toBeCloseTo(0.25 / 255, 12);
    expect(half.notes).toEqual([`image_std is not in the file: taken as ${type} has it by default.`]);
  });

  test('the class is told by the kind of model where the file does not name it', () => {
    const of = (model?: string) => fromPreprocessor({ do_rescale: true }, model);
    expect(of('swin').preprocessing).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
    expect(of('dinov2').preprocessing?.mean[0]).toBe(0.48145466);
    for (const model of [undefined, 'toString', 'mine'])
      expect(of(model)).toMatchObject({
        notes: [
          'Whether it normalises is not in the file, and its class is not known: mean and std were left out.',
        ],
      });
    expect(of().preprocessing).toBeUndefined();
  });

  test('MobileViT turns RGB round and does not normalise', () => {
    const of = (more: object) =>
      fromPreprocessor({
        image_processor_type: 'MobileViTImageProcessor',
        do_resize: false,
        do_center_crop: false,
        ...more,
      });
    expect(of({ do_normalize: null })).toEqual({
      file: 'preprocessor_config.json',
      channels: 'BGR',
      preprocessing: { mean: [0], std: [1] },
      notes: ['do_flip_channel_order is not in the file: MobileViTImageProcessor turns RGB into BGR.'],
    });
    expect(of({ do_flip_channel_order: false })).not.toHaveProperty('channels');
    expect(of({ do_flip_channel_order: true, do_normalize: true, ...imagenet })).toMatchObject({
      preprocessing: { mean: [0], std: [1] },
      notes: ['MobileViTImageProcessor does not normalise: image_mean and image_std are not used.'],
    });
  });

  test('numbers that differ by channel are left out where it is open what comes first', () => {
    const of = (more: object) =>
      fromPreprocessor({ do_flip_channel_order: true, do_normalize: true, ...more });
    expect(of(half).preprocessing).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
    expect(of(imagenet)).toEqual({
      file: 'preprocessor_config.json',
      channels: 'BGR',
      notes: [
        'It normalises and turns RGB into BGR, and the file does not say which comes first: mean and std were left out.',
      ],
    });
  });

  test('sizes in all forms; what is cut out counts', () => {
    const size = (data: object) => fromPreprocessor({ ...data }).size;
    const square = (side: number) => ({ height: side, width: side });
    expect(size({ size: 224 })).toEqual(square(224));
    expect(size({ size: { height: 256, width: 128 } })).toEqual({ height: 256, width: 128 });
    const short = { size: { shortest_edge: 256 } };
    expect(size({ ...short, crop_size: square(224) })).toEqual(square(224));
    expect(size({ ...short, crop_size: 224, do_center_crop: true })).toEqual(square(224));
    expect(size({ ...short, crop_size: 224, do_center_crop: false })).toEqual(square(256));
    expect(size({ size: [32, 48], crop_size: null })).toEqual({ height: 32, width: 48 });
    expect(size({ size: 224, do_resize: false })).toBeUndefined();
    expect(size({})).toBeUndefined();
    const efficient = { image_processor_type: 'EfficientNetImageProcessor', size: 346, crop_size: 289 };
    expect([size(efficient), size({ ...efficient, do_center_crop: true })]).toEqual([
      square(346),
      square(289),
    ]);
    const perceiver = { image_processor_type: 'PerceiverImageProcessor', size: 224, crop_size: 256 };
    expect(size(perceiver)).toEqual(square(224));
  });

  test('how images come to their size is told, for a sidecar holds the size alone', () => {
    const rest =
      ". A sidecar holds the size alone: images of another size are scaled as a whole, linearly and without antialiasing, so that figures may differ from the model's own unless images come prepared.";
    const steps = (type: string, data: object): string[] =>
      fromPreprocessor({ image_processor_type: type, do_normalize: false, ...data }).notes.map((note) =>
        note.replace(rest, ''),
      );
    const short = { shortest_edge: 224 };
    expect([
      steps('ViTImageProcessor', { size: 224, resample: 2 }),
      steps('ViTImageProcessor', { size: short }),
      steps('DeiTImageProcessor', { size: 256, crop_size: 224, resample: 3 }),
      steps('CLIPFeatureExtractor', { size: 224, crop_size: 224, resample: 3 }),
      steps('LevitImageProcessor', { size: short, crop_size: 224 }),
      steps('PoolFormerImageProcessor', { size: short, crop_pct: 0.95, crop_size: 224 }),
      steps('ConvNextImageProcessor', { size: short, resample: 3 }),
      steps('ConvNextImageProcessor', { size: short, crop_pct: 0.95 }),
      steps('ConvNextFeatureExtractor', { size: 224 }),
      steps('ConvNextImageProcessor', { size: { shortest_edge: 384 }, crop_pct: 0.95 }),
      steps('PerceiverImageProcessor', { size: 224, crop_size: 256 }),
      steps('MobileNetV2ImageProcessor', { crop_size: 224, do_resize: false }),
      steps('ImageGPTImageProcessor', { do_resize: false }),
      steps('ViTImageProcessor', { size: { longest_edge: 224 } }),
    ]).toMatchInlineSnapshot(`
      [
        [
          "It scales images to 224x224 (bilinear)",
        ],
        [
          "It scales the shorter side to 224 pixels and cuts nothing off The network then gets images that are no squares; 224x224 is right for squares alone.",
        ],
        [
          "It scales images to 256x256 (bicubic) and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 224 pixels (bicubic) and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 256 pixels and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 235 pixels and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 256 pixels (bicubic) and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 235 pixels and cuts out the middle 224x224",
        ],
        [
          "It scales the shorter side to 256 pixels and cuts out the middle 224x224",
        ],
        [
          "It scales images to 384x384",
        ],
        [
          "It cuts out the middle square of 224/256 of the shorter side and scales it to 224x224",
        ],
        [
          "It cuts out the middle 224x224",
        ],
        [
          "It turns pixels into the numbers of colours, which no sidecar can say.",
        ],
        [
          "size is of a form that is not known and was passed over.",
        ],
      ]
    `);
  });

  test('a file that leaves open what is cut out means what its class does', () => {
    const levit = {
      do_center_crop: true,
      do_normalize: true,
      do_resize: true,
      resample: 3,
      size: 224,
      ...imagenet,
      feature_extractor_type: 'LevitFeatureExtractor',
    };
    const { size, notes } = fromPreprocessor(levit);
    expect(size).toEqual({ height: 224, width: 224 });
    expect(notes[0]).toBe('crop_size is not in the file: taken as LevitFeatureExtractor has it by default.');
    expect(notes[1]).toMatch(
      /^It scales the shorter side to 256 pixels \(bicubic\) and cuts out the middle 224x224\./,
    );
    // Of a class that is not known nobody can tell.
    expect(
      fromPreprocessor({ do_center_crop: true, do_normalize: false, size: { shortest_edge: 256 } }),
    ).toEqual({
      file: 'preprocessor_config.json',
      preprocessing: { mean: [0], std: [1] },
      notes: ['It cuts out the middle, and how much of it is not in the file: the size was left out.'],
    });
    // What is there in a form that is not known is not what the class has by default.
    expect(fromPreprocessor({ ...levit, crop_size: 'x' }).notes).toContain(
      'crop_size is of a form that is not known and was passed over.',
    );
  });

  // As transformers 4.57 has them, read in the source of each class.
  test('every class has its defaults', () => {
    const classes =
      'Beit Bit Blip CLIP ChineseCLIP ConvNext DINOv3ViT DPT DeiT EfficientFormer EfficientNet ImageGPT Levit MobileNetV1 MobileNetV2 MobileViT Perceiver PoolFormer Pvt Segformer Siglip ViT ViTHybrid';
    const told = classes.split(' ').map((name) => {
      const { preprocessing, channels, notes } = fromPreprocessor({
        image_processor_type: `${name}ImageProcessor`,
        resample: 3,
      });
      const way = fromPreprocessor({
        image_processor_type: `${name}ImageProcessor`,
        size: 100,
        crop_size: 80,
      });
      const steps = [...notes, ...way.notes].flatMap(
        (note) => /^It (.*?)(?:\.| A sidecar|$)/.exec(note)?.[1] ?? [],
      );
      const numbers = `${preprocessing?.mean[0]} ${preprocessing?.std[0]}`;
      return `${name} ${numbers} ${channels ?? ''}| ${steps.join(' | ')}`;
    });
    expect(told.join('\n')).toMatchInlineSnapshot(`
      "Beit 0.5 0.5 | scales images to 256x256 (bicubic) and cuts out the middle 224x224 | scales images to 100x100 and cuts out the middle 80x80
      Bit 0.48145466 0.26862954 | scales the shorter side to 224 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      Blip 0.48145466 0.26862954 | scales images to 100x100 and cuts out the middle 80x80
      CLIP 0.48145466 0.26862954 | scales the shorter side to 224 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      ChineseCLIP 0.48145466 0.26862954 | scales the shorter side to 224 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      ConvNext 0.5 0.5 | scales the shorter side to 114 pixels and cuts out the middle 100x100
      DINOv3ViT 0.485 0.229 | scales images to 100x100 and cuts out the middle 80x80
      DPT 0.5 0.5 | scales images to 100x100 and cuts out the middle 80x80
      DeiT 0.5 0.5 | scales images to 256x256 (bicubic) and cuts out the middle 224x224 | scales images to 100x100 and cuts out the middle 80x80
      EfficientFormer 0.485 0.229 | scales images to 224x224 (bicubic) and cuts out the middle 224x224 | scales images to 100x100 and cuts out the middle 80x80
      EfficientNet 0.5 0.25 | scales images to 346x346 (bicubic) | scales images to 100x100
      ImageGPT 0.5 0.5 | turns pixels into the numbers of colours, which no sidecar can say | turns pixels into the numbers of colours, which no sidecar can say | scales images to 100x100 and cuts out the middle 80x80
      Levit 0.485 0.229 | scales the shorter side to 256 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 114 pixels and cuts out the middle 80x80
      MobileNetV1 0.5 0.5 | scales the shorter side to 256 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      MobileNetV2 0.5 0.5 | scales the shorter side to 256 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      MobileViT 0 1 BGR| scales the shorter side to 224 pixels (bicubic) and cuts out the middle 256x256 | scales the shorter side to 100 pixels and cuts out the middle 80x80
      Perceiver 0.485 0.229 | cuts out the middle square of 224/256 of the shorter side and scales it to 224x224 (bicubic) | cuts out the middle square of 100/80 of the shorter side and scales it to 100x100
      PoolFormer 0.485 0.229 | scales the shorter side to 248 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 111 pixels and cuts out the middle 80x80
      Pvt 0.485 0.229 | scales images to 100x100 and cuts out the middle 80x80
      Segformer 0.485 0.229 | scales images to 100x100 and cuts out the middle 80x80
      Siglip 0.5 0.5 | scales images to 100x100 and cuts out the middle 80x80
      ViT 0.5 0.5 | scales images to 100x100 and cuts out the middle 80x80
      ViTHybrid 0.48145466 0.26862954 | scales the shorter side to 224 pixels (bicubic) and cuts out the middle 224x224 | scales the shorter side to 100 pixels and cuts out the middle 80x80"
    `);
  });

  test('every kind of model has its class', () => {
    const kinds =
      'beit bit clip convnext convnextv2 cvt data2vec-vision deit dinat dinov2 dinov3_vit efficientformer efficientnet focalnet hiera imagegpt levit mobilenet_v1 mobilenet_v2 mobilevit mobilevitv2 nat perceiver poolformer pvt pvt_v2 regnet resnet segformer siglip swiftformer swin swinv2 van vit vit_hybrid vit_msn';
    const told = kinds.split(' ').map((kind) => `${kind} ${processorOf(undefined, kind)?.name}`);
    expect(told.join('\n').replaceAll('ImageProcessor', '')).toMatchInlineSnapshot(`
      "beit Beit
      bit Bit
      clip CLIP
      convnext ConvNext
      convnextv2 ConvNext
      cvt ConvNext
      data2vec-vision Beit
      deit DeiT
      dinat ViT
      dinov2 Bit
      dinov3_vit DINOv3ViT
      efficientformer EfficientFormer
      efficientnet EfficientNet
      focalnet Bit
      hiera Bit
      imagegpt ImageGPT
      levit Levit
      mobilenet_v1 MobileNetV1
      mobilenet_v2 MobileNetV2
      mobilevit MobileViT
      mobilevitv2 MobileViT
      nat ViT
      perceiver Perceiver
      poolformer PoolFormer
      pvt Pvt
      pvt_v2 Pvt
      regnet ConvNext
      resnet ConvNext
      segformer Segformer
      siglip Siglip
      swiftformer ViT
      swin ViT
      swinv2 ViT
      van ConvNext
      vit ViT
      vit_hybrid ViTHybrid
      vit_msn ViT"
    `);
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
        'image_mean is of a form that is not known and was passed over.',
        'Whether it normalises is not in the file, and its class is not known: mean and std were left out.',
        'size is of a form that is not known and was passed over.',
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

  test('id2label and label2id that contradict each other are told', () => {
    const id2label = { 0: 'cat', 1: 'dog', 2: 'cat' };
    const notes = (label2id: object) => fromConfig({ id2label, label2id }).notes;
    expect(notes({ cat: 1, dog: 0 })).toEqual([
      'id2label and label2id contradict each other: class 1 is "dog" by the one and "cat" by the other. id2label counts.',
    ]);
    expect(notes({ cat: 0, dog: 1, owl: 3 })[0]).toContain('class 3 is not there by the one and "owl"');
    // Of two classes of one name, label2id holds the last; and what transformers makes up says nothing.
    expect(notes({ cat: 2, dog: '1' })).toEqual([]);
    expect(notes({ LABEL_0: 1, LABEL_1: 0 })).toEqual([]);
    expect(fromConfig({ id2label: { 0: 'LABEL_0' }, label2id: { cat: 0 } }).notes).toEqual([]);
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

describe("timm's config.json", () => {
  const cfg = {
    input_size: [3, 288, 288],
    interpolation: 'bilinear',
    crop_pct: 0.95,
    mean: [0.5],
    std: [0.25],
  };

  test.for([
    ['new', { architecture: 'x', num_classes: 7, pretrained_cfg: { num_classes: 9, ...cfg } }],
    ['old', { architecture: 'x', num_classes: 7, ...cfg }],
  ] as const)('%s', ([, data]) => {
    expect(fromConfig(data)).toEqual({
      file: 'config.json',
      size: { height: 288, width: 288 },
      channels: 'RGB',
      classes: 7,
      preprocessing: { mean: [0.5], std: [0.25] },
      notes: [
        "It scales the shorter side to 303 pixels (bilinear) and cuts out the middle 288x288. A sidecar holds the size alone: images of another size are scaled as a whole, linearly and without antialiasing, so that figures may differ from the model's own unless images come prepared.",
      ],
    });
  });

  test('what it leaves out is as in timm, and told', () => {
    const said = fromConfig({ pretrained_cfg: {}, num_classes: 0, label_names: ['a', 'b'] });
    expect(said).toMatchObject({
      size: { height: 224, width: 224 },
      preprocessing: { mean: imagenet.image_mean, std: imagenet.image_std },
      names: ['a', 'b'],
    });
    expect(said).not.toHaveProperty('classes');
    expect(said.notes[0]).toBe('mean and std are not in the file: taken as timm has them by default.');
    expect(said.notes[1]).toContain(
      'the shorter side to 256 pixels (bicubic) and cuts out the middle 224x224',
    );
    const grey = fromConfig({
      pretrained_cfg: {
        input_size: [1, 28, 28],
        crop_mode: 'squash',
        crop_pct: 1,
        mean: [0.1],
        std: [0.3],
      },
    });
    expect(grey).toMatchObject({ channels: 'GRAY', size: { height: 28, width: 28 } });
    expect(grey.notes).toHaveLength(1);
    expect(grey.notes[0]).toContain('It scales images to 28x28 (bicubic). A sidecar');
  });

  test('is not every file with an architecture', () => {
    expect(fromConfig({ architectures: ['ViT'], architecture: 'vit' })).toEqual({
      file: 'config.json',
      notes: [],
    });
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
    message: 'The file beside the model is no JSON: it is cut off at its end.',
  });
  write('links/config.json', '{"id2label": {"0": "a", "1": "b", "1": "c"}}');
  await expect(names('links/link.onnx')).rejects.toMatchObject({
    code: 'HUB_FILE',
    message: 'The file beside the model has id2label.1 twice: see line 1, column 35.',
  });
  write('links/config.json', '[]');
  await expect(names('links/link.onnx')).rejects.toMatchObject({
    code: 'HUB_FILE',
    message: 'The file beside the model is no object.',
  });
});
