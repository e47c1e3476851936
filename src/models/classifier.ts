import type { Images, Tensor } from '../tensor/index.ts';
import type { Objective } from './objectives.ts';
import type { ModelSpec, SessionSettings } from './spec.ts';

/**
 * Row i asks about sample ids[i]. Several rows may ask about one sample, a sample may be left out.
 * `draw`: which random draw of the model, if it is random (by default that sample's next).
 */
export interface Question {
  /** float32 [rows, C, H, W] in [0,1], of the size that the model was made for. */
  images: Images;
  ids: readonly string[];
  draw?: Uint32Array;
}

export interface InputSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Answers with a class alone. A class is the dataset's, counted from 0. */
export interface Decides {
  readonly name: string;
  readonly input: InputSize;
  readonly classes: number;
  /** Class per row; -1 abstains. */
  decisions(q: Question): Promise<Int32Array>;
}

export interface Scores extends Decides {
  /** Logits, float32 [rows, classes]. */
  scores(q: Question): Promise<Tensor>;
}

/** What a gradient call returns. The arrays belong to the caller. */
export interface GradientAnswer {
  /** Value of the objective per row. */
  value: Float32Array;
  /** Logits, [rows, classes]. */
  logits: Tensor;
  /** Gradient of each row's value with respect to its image, of the images' shape. */
  gradient: Images;
}

export interface Gradients extends Scores {
  /**
   * @param given what the objective names (labels, targets, ...), one row per question row
   * @throws AdvarenaError NO_GRADIENT where a stage of the model has none
   */
  gradient(
    q: Question,
    objective: Objective,
    given: Readonly<Record<string, Tensor<'int64'> | Tensor>>,
  ): Promise<GradientAnswer>;
}

/** A warning that changes how a figure may be read; it travels with the result. */
export interface Flag {
  code: string;
  message: string;
}

/**
 * A model from pixels to the dataset's classes. What is made of files carries its spec, so that other threads and
 * machines can build it; what is composed shows its parts.
 */
export interface Classifier extends Gradients {
  readonly spec?: ModelSpec;
  /** How its sessions are made: threads within a run, device. */
  readonly settings?: SessionSettings;
  readonly flags: readonly Flag[];
  /** The model's own output index of class 0: its number of background columns. */
  readonly indexOffset: number;
  /** The dataset's label of class 0, in the language of its files. */
  readonly labelOffset: number;
  /** Rows that one run of the runtime takes at its best. */
  readonly rowsPerRun: number;
  /** The parts of an ensemble. */
  readonly members?: readonly Classifier[];
  /** Gives sessions and their memory back. */
  release(): Promise<void>;
}

/** Index of the largest entry of each row; the first of equals. */
export function argmax(scores: Tensor): Int32Array {
  const [count = 0, classes = 0] = scores.shape;
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if ((scores.data[i * classes + k] as number) > (scores.data[i * classes + best] as number)) best = k;
    out[i] = best;
  }
  return out;
}

/** Largest minus second largest entry of each row. */
export function topMargins(scores: Tensor): Float64Array {
  const [count = 0, classes = 0] = scores.shape;
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let first = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) {
      const z = scores.data[i * classes + k] as number;
      if (z > first) {
        second = first;
        first = z;
      } else if (z > second) second = z;
    }
    out[i] = first - second;
  }
  return out;
}
