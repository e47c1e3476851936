import type { Pictures } from './images.ts';

/** Labelled images. Classes are counted from 0, as the columns of a model's scores are. */
export interface Dataset {
  name: string;
  /** One per image, all different. */
  ids: string[];
  /** [N, C, H, W]: 8-bit levels, or float32 in [0,1]. */
  images: Pictures;
  /** True class of each image. */
  labels: Int32Array | undefined;
  /** Class that a targeted attack has to reach. */
  targets: Int32Array | undefined;
  /** Class + labelOffset = the label in the dataset's own files; for messages and files only. */
  labelOffset: number;
  /** Number of classes, where it is known. */
  classes: number | undefined;
  /** What people call the classes, where the files say it. */
  classNames?: readonly string[];
}

export interface DatasetOptions {
  /** A file of target classes, CSV `id,target` or `.npy`, where the labels' file has none. */
  targets?: string;
  /** What the files call the first class: 0 by default. */
  offset?: number;
  /** Number of classes: labels beyond are refused. */
  classes?: number;
  /** Only the first so many samples. */
  limit?: number;
  /**
   * For files of images: each is scaled so that its shorter side has so many pixels, and its middle is kept, a
   * square. Lanczos with three lobes on the levels as they are, as sharp does it; smaller images are enlarged. By
   * default nothing is resized, and sizes that differ are an error.
   */
  size?: number;
  /** For folders of MNIST and CIFAR: by default the test part, or the train part where that alone is there. */
  part?: 'train' | 'test';
  /** CIFAR-100's 20 groups instead of its 100 classes. */
  coarse?: boolean;
}
