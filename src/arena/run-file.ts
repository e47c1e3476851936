import type { Rules } from './rules.ts';

/** What `run.json` says: all that a tournament depends on beside the code. Plain data. */
export interface RunFile {
  /** Of the run directory; raised when its files change their meaning. */
  format: 2;
  rules: Rules;
  dataset: {
    name: string;
    channels: number;
    height: number;
    width: number;
    /** The dataset's label of class 0. */
    labelOffset: number;
    classes: number;
    /** What people call them, where the dataset says it. */
    classNames?: string[];
    /** In the order of their batches. */
    images: ImageEntry[];
  };
  /** Per model of the rules its networks: one, or an ensemble's members. */
  models: Record<string, NetworkHashes[]>;
  versions: Record<string, string>;
}

export interface ImageEntry {
  id: string;
  /** Classes, counted from 0. */
  label: number;
  target?: number;
  /** SHA-256 of the 8-bit levels, channel by channel. */
  pixels: string;
}

/** SHA-256 of the files' bytes; `onnx` is of all hashes where weights lie in files of their own. */
export interface NetworkHashes {
  onnx: string;
  sidecar: string | null;
  /** Further inputs as the rules give them; of files SHA-256. */
  inputs?: Record<string, string | number | boolean>;
}

/** Consecutive images that attacks and defenses get at once. */
export interface ImageBatch {
  index: number;
  /** Rows of the dataset: [from, to). */
  from: number;
  to: number;
  images: readonly ImageEntry[];
  epsilons: readonly number[];
}

/** The batches of a run with the epsilons at which each is attacked. */
export function batchesOf({ rules, dataset }: RunFile): ImageBatch[] {
  const { size } = rules.batch;
  return Array.from({ length: Math.ceil(dataset.images.length / size) }, (_, index) => {
    const from = index * size;
    const images = dataset.images.slice(from, from + size);
    const own = rules.epsilons[index % rules.epsilons.length] as number;
    return {
      index,
      from,
      to: from + images.length,
      images,
      epsilons: rules.epsilonPerBatch === 'cycle' ? [own] : rules.epsilons,
    };
  });
}
