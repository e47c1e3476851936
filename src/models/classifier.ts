import type { AnyTensor, Images, InputSize, Tensor } from '../tensor/index.ts';
import type { Objective } from './objectives.ts';

/**
 * Row i asks about sample ids[i]: several rows may ask about one sample, and a sample may be left out.
 * `draw` names the random draw of each row; where an attack leaves it out, the rows of each sample are numbered.
 */
export interface Question {
  /** float32 [rows, C, H, W] in [0,1], of the size that the model was made for. */
  readonly images: Images;
  readonly ids: readonly string[];
  readonly draw?: Uint32Array;
}

/**
 * A question below the oracle: its draws are named, so that nothing down there counts anything. Its arrays are lent
 * until it is answered.
 */
export interface Asked extends Question {
  readonly draw: Uint32Array;
}

/** A question about rows of one draw. @param ids row numbers by default */
export function asked(images: Images, ids?: readonly string[], draw = 0): Asked {
  const count = images.shape[0] ?? 0;
  return {
    images,
    ids: ids ?? Array.from({ length: count }, (_, i) => String(i)),
    draw: new Uint32Array(count).fill(draw),
  };
}

/** What a model says of each row. The arrays belong to the caller. */
export interface Answers {
  /** The dataset's class, counted from 0; -1 abstains. */
  readonly classes: Int32Array;
  /** Logits, float32 [rows, classes]; none where the model has classes alone. */
  readonly scores?: Tensor;
  /** One number per row by name, such as `reject` of a detector (positive: declined). */
  readonly extra?: Readonly<Record<string, Float64Array>>;
}

/** A gradient, and the answers of the same forward pass and draw. */
export interface GradientAnswer extends Answers {
  readonly scores: Tensor;
  /** Value of the objective per row. */
  readonly value: Float32Array;
  /** Gradient of each row's value with respect to its image, of the images' shape. */
  readonly gradient: Images;
}

/** What an objective asks for, by name, one row per question row. */
export type Given = Readonly<Record<string, AnyTensor>>;

/** A warning that changes how a figure may be read; it travels with the result. */
export interface Flag {
  code: string;
  message: string;
}

/** How a stage's gradient is approximated: by its differentiable twin, or as if the stage changed nothing. */
export type Backward = 'surrogate' | 'identity';

/**
 * A model from pixels to the dataset's classes. Equal questions get equal answers, whatever was asked before: all its
 * randomness is named by ids and draws. Frozen; to change a part of one, see {@link over}.
 */
export interface Classifier {
  readonly name: string;
  readonly input: InputSize;
  readonly classes: number;
  /** What is known so far: some is seen only once the model has been asked. */
  readonly flags: readonly Flag[];
  /** The model's own output index of class 0: its number of background columns. */
  readonly indexOffset: number;
  /** The dataset's label of class 0, in the language of its files. */
  readonly labelOffset: number;
  /** Rows that one run of the runtime takes at its best. */
  readonly rowsPerRun: number;
  /** Whether answers depend on the draw. */
  readonly random: boolean;
  /** Stages and other random parts within: the place, and so the name, of the next. */
  readonly depth: number;
  /** What people call the classes, where its sidecar says it. */
  readonly classNames?: readonly string[];
  /** The parts of an ensemble. */
  readonly members?: readonly Classifier[];
  answers(q: Asked): Promise<Answers>;
  /**
   * @param given what the objective asks for while it builds, one row per question row
   * @throws AdvarenaError NO_GRADIENT where a stage of the model has none, QUESTION where `given` is not as asked for
   */
  gradient(q: Asked, objective: Objective, given: Given): Promise<GradientAnswer>;
  /** The same with gradients through stages that have none of their own; the view `bpda`. Its stages are shared. */
  readonly approximate?: (backward: Backward) => Classifier;
  /** The same for images of another size, to be released by itself. */
  readonly at?: (size: InputSize) => Classifier;
  /** Gives sessions and their memory back. */
  release(): Promise<void>;
}

/**
 * The model with some of it changed. All else shows through, but nothing of how it was made: who changes a model
 * has another one.
 */
export function over(model: Classifier, change: Partial<Omit<Classifier, 'flags'>>): Classifier {
  return Object.freeze<Classifier>({
    name: model.name,
    input: model.input,
    classes: model.classes,
    get flags() {
      return model.flags;
    },
    indexOffset: model.indexOffset,
    labelOffset: model.labelOffset,
    rowsPerRun: model.rowsPerRun,
    random: model.random,
    depth: model.depth,
    ...(model.classNames && { classNames: model.classNames }),
    answers: (q: Asked) => model.answers(q),
    gradient: (q: Asked, objective: Objective, given: Given) => model.gradient(q, objective, given),
    release: () => model.release(),
    ...change,
  });
}

/** What an objective is given, its images changed by a stage or a view. */
export async function givenThrough(
  { images = [] }: Objective,
  given: Given,
  change: (images: Images) => Images | Promise<Images>,
): Promise<Given> {
  const changed: Record<string, AnyTensor> = { ...given };
  for (const name of images) {
    const own = given[name];
    if (own?.dtype === 'float32') changed[name] = await change(own);
  }
  return changed;
}
