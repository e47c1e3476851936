import { clip, imagenet } from './known-preprocessings.ts';

/** What an image processor does where its file says nothing: the defaults of its class. */
export interface ProcessorDefaults {
  /** Left out where the class does not normalise. */
  normalizes?: { mean: readonly number[]; std: readonly number[] };
  /** Whether it turns RGB round. */
  flips?: true;
  /** Whether it cuts out the middle: `false` where it does not, `first` where it scales what it has cut out. */
  crops?: false | 'first';
  /** Of a class that cuts out the middle: the side that it scales to, and that of what it cuts out. */
  middle?: readonly [scaled: number, cut: number];
  /** Whether a single number is the length of the shorter side, not of both. */
  shorter?: true;
  /** The share of the shorter side that is kept where something is cut out. */
  share?: number;
  /** Whether it makes squares of the shorter side: cut out of smaller ones, squeezed from 384 pixels on. */
  squares?: true;
  /** What it does that is no preprocessing of a sidecar, a sentence. */
  beyond?: string;
}

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/** Classes of transformers 4.57 for images to be classified, by their names without `ImageProcessor`. */
const processors: Readonly<Record<string, ProcessorDefaults>> = {
  Beit: { normalizes: half, middle: [256, 224] },
  Bit: { normalizes: clip, shorter: true, middle: [224, 224] },
  Blip: { normalizes: clip },
  CLIP: { normalizes: clip, shorter: true, middle: [224, 224] },
  ChineseCLIP: { normalizes: clip, shorter: true, middle: [224, 224] },
  ConvNext: { normalizes: half, shorter: true, share: 224 / 256, squares: true },
  DINOv3ViT: { normalizes: imagenet },
  DPT: { normalizes: half },
  DeiT: { normalizes: half, middle: [256, 224] },
  EfficientFormer: { normalizes: imagenet, middle: [224, 224] },
  EfficientNet: { normalizes: half, crops: false, middle: [346, 289] },
  ImageGPT: {
    normalizes: half,
    beyond: 'It turns pixels into the numbers of colours, which no sidecar can say.',
  },
  Levit: { normalizes: imagenet, shorter: true, share: 224 / 256, middle: [224, 224] },
  MobileNetV1: { normalizes: half, shorter: true, middle: [256, 224] },
  MobileNetV2: { normalizes: half, shorter: true, middle: [256, 224] },
  MobileViT: { flips: true, shorter: true, middle: [224, 256] },
  Perceiver: { normalizes: imagenet, crops: 'first', middle: [224, 256] },
  PoolFormer: { normalizes: imagenet, shorter: true, share: 0.9, middle: [224, 224] },
  Pvt: { normalizes: imagenet },
  Segformer: { normalizes: imagenet },
  Siglip: { normalizes: half },
  ViT: { normalizes: half },
  ViTHybrid: { normalizes: clip, shorter: true, middle: [224, 224] },
};

/** Which class takes the images of a kind of model, by `model_type` of `config.json`, where no file names the class. */
const ofModels: Readonly<Record<string, string>> = {
  beit: 'Beit',
  bit: 'Bit',
  clip: 'CLIP',
  convnext: 'ConvNext',
  convnextv2: 'ConvNext',
  cvt: 'ConvNext',
  'data2vec-vision': 'Beit',
  deit: 'DeiT',
  dinat: 'ViT',
  dinov2: 'Bit',
  dinov3_vit: 'DINOv3ViT',
  efficientformer: 'EfficientFormer',
  efficientnet: 'EfficientNet',
  focalnet: 'Bit',
  hiera: 'Bit',
  imagegpt: 'ImageGPT',
  levit: 'Levit',
  mobilenet_v1: 'MobileNetV1',
  mobilenet_v2: 'MobileNetV2',
  mobilevit: 'MobileViT',
  mobilevitv2: 'MobileViT',
  nat: 'ViT',
  perceiver: 'Perceiver',
  poolformer: 'PoolFormer',
  pvt: 'Pvt',
  pvt_v2: 'Pvt',
  regnet: 'ConvNext',
  resnet: 'ConvNext',
  segformer: 'Segformer',
  siglip: 'Siglip',
  swiftformer: 'ViT',
  swin: 'ViT',
  swinv2: 'ViT',
  van: 'ConvNext',
  vit: 'ViT',
  vit_hybrid: 'ViTHybrid',
  vit_msn: 'ViT',
};

/**
 * The defaults of an image processor; undefined where it is not known.
 * @param type its class as files name it, such as `ViTImageProcessorFast` or `ViTFeatureExtractor`
 * @param model kind of the model, where no class is named
 */
export function processorOf(
  type: string | undefined,
  model: string | undefined,
): { name: string; defaults: ProcessorDefaults } | undefined {
  const name =
    type === undefined
      ? ofModels[model ?? '']
      : type.replace(/(?:ImageProcessor|FeatureExtractor)(?:Fast|Pil)?$/, '');
  const defaults = name !== undefined && Object.hasOwn(processors, name) ? processors[name] : undefined;
  return defaults && { name: type ?? `${name}ImageProcessor`, defaults };
}
