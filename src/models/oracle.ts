import { AdvarenaError, type InputSize, plain, sizeOf, type Tensor } from '../tensor/index.ts';
import { scoresOf } from './answers.ts';
import type { Answers, Asked, Classifier, Given, GradientAnswer, Question } from './classifier.ts';
import { crossEntropy, isStandard, labelTensor, type Objective } from './objectives.ts';

const plainObjective = crossEntropy();

/** What may be asked of a model, from least to most. */
export const accesses = ['none', 'decision', 'scores', 'gradient'] as const;
export type Access = (typeof accesses)[number];

const ranks = Object.fromEntries(accesses.map((access, rank) => [access, rank])) as Record<Access, number>;

/** Whether the first allows no more than the second. */
export function within(access: Access, most: Access): boolean {
  return ranks[access] <= ranks[most];
}

/** The lesser of two. */
export function lesser(a: Access, b: Access): Access {
  return within(a, b) ? a : b;
}

/**
 * A model as an attack holds it: what may be asked, and nothing of how it is made. Frozen.
 * Row i of a question asks about sample ids[i], one of the batch. `draw` left out: each sample's rows are numbered, so
 * that a random model is seen anew at every step.
 */
export interface Oracle {
  readonly name: string;
  readonly input: InputSize;
  readonly classes: number;
  readonly rowsPerRun: number;
  readonly access: Access;
  /**
   * Classes, -1 where the model abstains; with the access `scores` logits too.
   * @throws AdvarenaError ACCESS, QUESTION
   */
  answers(q: Question): Promise<Answers>;
  /** Logits, for those who need them. @throws AdvarenaError ACCESS, QUESTION; NO_SCORES where there are none */
  scores(q: Question): Promise<Tensor>;
  /** @throws AdvarenaError ACCESS, QUESTION; NO_GRADIENT where a stage of the model has none */
  gradient(q: Question, objective: Objective, given: Given): Promise<GradientAnswer>;
}

/** Holds what broke in the models that an attack asks: not the attack's doing, whatever it makes of it. */
export interface Trouble {
  error?: unknown;
}

/**
 * Seals a model: built field by field, so that nothing else of the model shows.
 * @param options.ids the samples that may be asked about
 * @param options.why of a refusal, behind "The attack asks for gradients, "
 * @param options.ended whether the attack is over: then all is refused
 * @param options.owner of the objectives that it brings: of one key they are one objective
 * @param options.uncounted the same model, asked to learn whose doing a failure is
 */
export function oracleOf(
  model: Pick<Classifier, 'name' | 'input' | 'classes' | 'rowsPerRun' | 'answers' | 'gradient'>,
  options: {
    access: Access;
    ids: readonly string[];
    why: string;
    trouble: Trouble;
    ended?: () => boolean;
    owner?: number;
    uncounted?: () => Pick<Classifier, 'gradient'>;
  },
): Oracle {
  const { access, why, trouble } = options;
  const known = new Set(options.ids);
  const size = [model.input.channels, model.input.height, model.input.width];
  const numbers = new Map<string, number>();

  const next = (id: string): number => {
    const number = numbers.get(id) ?? 0;
    numbers.set(id, number + 1);
    return number;
  };

  /** What is asked, copied before it is looked at, so that it cannot change while it is answered. */
  const sealed = (q: Question): Asked => {
    if (options.ended?.() === true) throw refused('images after its end');
    const ids = textsOf(q.ids);
    const { images, draw: named } = q;
    const { dtype, data } = images;
    const shape = Array.from(images.shape, Number);
    const draw = named === undefined ? undefined : Uint32Array.from(named);
    if (shape[0] !== ids.length || (draw !== undefined && draw.length !== ids.length))
      throw refused(`${shape[0]} images with ${ids.length} ids and ${draw?.length ?? 'no'} draws`);
    const foreign = ids.find((id) => !known.has(id));
    if (foreign !== undefined) throw refused(`an image of the id "${foreign}", which is not of its batch`);
    if (dtype !== 'float32' || !(data instanceof Float32Array)) throw refused('images that are not float32');
    const own = plain(data);
    if (shape.slice(1).join() !== size.join() || own.length !== sizeOf(shape))
      throw refused(
        `${own.length} numbers as images of ${shape.slice(1).join('x')}, not of ${size.join('x')}`,
      );
    const copy = spare?.length === own.length ? spare : new Float32Array(own.length);
    spare = undefined;
    copy.set(own);
    return { images: { dtype, shape, data: copy }, ids, draw: draw ?? Uint32Array.from(ids, next) };
  };
  /** Room for the next copy: a fresh one at every step would cost more than the copying. */
  let spare: Float32Array | undefined;
  const allowed = (needed: Access, what: string): void => {
    if (within(needed, access)) return;
    throw new AdvarenaError('ACCESS', `The attack asks ${model.name} for ${what}, ${why}.`, {
      remedy: 'Declare the access that the attack needs, and grant it in the rules.',
    });
  };
  const machine = async <T>(
    q: Question,
    work: (asked: Asked) => Promise<T>,
    objective?: Objective,
  ): Promise<T> => {
    const asked = sealed(q);
    try {
      return await work(asked);
    } catch (error) {
      const theirs = isRefusal(error) || (objective?.owner !== undefined && (await differentiable(asked)));
      if (!theirs) trouble.error ??= error;
      throw error;
    } finally {
      spare = asked.images.data;
    }
  };
  /** Whether the model has a gradient of the library's own objective there: then another's broke by its maker's doing. */
  const differentiable = async (asked: Asked): Promise<boolean> => {
    const labels = labelTensor(asked.ids.map(() => 0));
    return (options.uncounted?.() ?? model).gradient(asked, plainObjective, { labels }).then(
      () => true,
      () => false,
    );
  };
  /** Read once, and never more than it should be. */
  const owned = (objective: Objective): Objective => {
    if (isStandard(objective)) return objective;
    const { key, flat, images } = objective;
    return {
      key,
      owner: options.owner ?? 0,
      ...(flat !== undefined && { flat }),
      ...(images !== undefined && { images: [...images] }),
      build: (...given) => objective.build(...given),
    };
  };

  return Object.freeze<Oracle>({
    name: model.name,
    input: Object.freeze({ ...model.input }),
    classes: model.classes,
    rowsPerRun: model.rowsPerRun,
    access,
    async answers(q) {
      allowed('decision', 'answers');
      const answers = await machine(q, (asked) => model.answers(asked));
      return within('scores', access) ? answers : { classes: answers.classes };
    },
    async scores(q) {
      allowed('scores', 'scores');
      return scoresOf(await machine(q, (asked) => model.answers(asked)), model.name);
    },
    async gradient(q, objective, given) {
      allowed('gradient', 'gradients');
      const own = owned(objective);
      return machine(q, (asked) => model.gradient(asked, own, given), own);
    },
  });
}

/** A copy, of texts whatever was given: not by Array.from, which is slow, and this is done at every step. */
export function textsOf(ids: readonly string[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i < ids.length; i++) texts.push(String(ids[i]));
  return texts;
}

function refused(what: string): AdvarenaError {
  return new AdvarenaError('QUESTION', `The attack asks about ${what}.`, {
    remedy: "Ask with one id of the batch for each image, in the model's size.",
  });
}

/** Whether a model turned down what it was given, as an oracle does questions: that breaks nothing. */
function isRefusal(error: unknown): boolean {
  return error instanceof AdvarenaError && error.code === 'QUESTION';
}
