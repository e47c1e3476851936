import type { LiftedDraw, ValueInfo, ValueType } from '../onnx/index.ts';
import { fillDraw } from '../onnx/index.ts';
import type { Device } from '../runtime/index.ts';
import {
  AdvarenaError,
  type AnyTensor,
  type InputSize,
  type RandomSource,
  randomOf,
  rowSize,
  sizeOf,
  type Tensor,
  zeros,
} from '../tensor/index.ts';
import { answersOf } from './answers.ts';
import type { Answers, Asked, Classifier, Flag, Given, GradientAnswer } from './classifier.ts';
import { type Differentiated, differentiate, type Overrides } from './net.ts';
import type { ImageGraph } from './network.ts';
import { openRowRuns, type RowRuns, rowsAtBest } from './row-runs.ts';
import type { Alone } from './run-sizes.ts';
import { contradicts, kindFlag, sharesIn } from './score-kinds.ts';
import type { SessionSettings } from './spec.ts';

export interface CompileOptions {
  name: string;
  settings?: SessionSettings;
  overrides?: Overrides;
  /** Of the draws of random nodes. */
  random?: RandomSource;
  /** The same network for images of another size. */
  remake?: (size: InputSize) => ImageGraph;
}

/** Compiled objectives that a classifier keeps; the one unused longest goes first. */
const keptObjectives = 16;

interface Compiled {
  runs: RowRuns;
  given: ReadonlyMap<string, ValueType>;
}

/**
 * A classifier over one graph. It compiles the forward pass at the first question and, per objective, one graph of
 * resize, preprocessing, network, objective and its gradient.
 */
export function graphClassifier(image: ImageGraph, options: CompileOptions): Classifier {
  const { name, settings, overrides, random = randomOf(0, 'model'), remake } = options;
  const compiled = new Map<string, Promise<Compiled>>();
  const { fixedRows } = image;
  const rowsPerRun = Math.min(image.maxRows, fixedRows ?? rowsAtBest(image.graph));
  const draws = image.draws ?? [];
  const seen = new Map<string, Flag>();

  const compile = (key: string, make: () => Differentiated): Promise<Compiled> => {
    let found = compiled.get(key);
    if (found === undefined)
      found = (async () => {
        const { graph, given } = naming(name, make);
        const runs = await openRowRuns(graph, {
          name,
          settings,
          most: rowsPerRun,
          fixed: fixedRows,
          classes: image.classes,
          several: image.several,
          onAlone: (why) => seen.set(why, aloneFlag(name, why)),
        });
        return { runs, given };
      })();
    compiled.delete(key);
    compiled.set(key, found);
    // A failure is told to who asked; the next question tries anew.
    found.catch(() => compiled.delete(key));
    for (const [old, gone] of [...compiled].slice(0, Math.max(0, compiled.size - keptObjectives))) {
      compiled.delete(old);
      void gone.then(({ runs }) => runs.release());
    }
    return found;
  };

  const answer = (out: Readonly<Record<string, Tensor>>): Answers & { scores: Tensor } => {
    const plain = answersOf(out['logits'] as Tensor);
    const reject = out['reject'];
    if (reject === undefined) return plain;
    const declined = Float64Array.from(reject.data);
    return {
      ...plain,
      classes: plain.classes.map((c, i) => ((declined[i] as number) > 0 ? -1 : c)),
      extra: { ...plain.extra, reject: declined },
    };
  };
  const outputs = image.graph.outputs.map((o) => o.name);
  const { said = [] } = image;
  const takenForLogits = said.every(({ kind }) => kind === 'logits');

  return Object.freeze<Classifier>({
    name,
    input: image.input,
    classes: image.classes,
    get flags() {
      return [...image.flags, ...deviceFlags(name, settings?.device), ...seen.values()];
    },
    indexOffset: image.indexOffset,
    labelOffset: image.labelOffset,
    rowsPerRun,
    random: draws.length > 0,
    depth: 1,
    ...(image.classNames && { classNames: image.classNames }),

    async answers(q) {
      checkImages(q, image, name);
      if (q.ids.length === 0) return answersOf(zeros([0, image.classes]));
      const { runs } = await compile('answers', () => ({ graph: image.graph, given: new Map() }));
      const out = await runs.run({ images: q.images, ...drawn(draws, q, random) }, outputs);
      for (const own of said) {
        const key = `kind ${own.output}`;
        if (!seen.has(key) && contradicts(out[own.output] as Tensor, own)) seen.set(key, kindFlag(own));
      }
      const answers = answer(out);
      const shares = takenForLogits ? sharesIn(answers.scores) : undefined;
      return shares?.includes(1) === true ? { ...answers, extra: { ...answers.extra, shares } } : answers;
    },

    async gradient(q, objective, given) {
      checkImages(q, image, name);
      if (q.ids.length === 0) return noGradient(q, image.classes);
      const { runs, given: asked } = await compile(
        `objective ${objective.owner ?? ''}/${objective.key}`,
        () => differentiate(image, objective, overrides),
      );
      const feeds: Record<string, AnyTensor> = { images: q.images, ...drawn(draws, q, random) };
      for (const [input, type] of asked)
        feeds[input] = givenTensor(
          given,
          { name: input, ...type },
          q.ids.length,
          `the objective ${objective.key}`,
        );
      const out = await runs.run(feeds, ['value', 'grad_images', ...outputs]);
      return {
        ...answer(out),
        value: (out['value'] as Tensor).data,
        gradient: out['grad_images'] as Tensor,
      };
    },

    ...(remake && {
      at: (size: InputSize) => graphClassifier(remake(size), options),
    }),

    async release() {
      const open = [...compiled.values()];
      compiled.clear();
      for (const c of open) await (await c).runs.release();
    },
  });
}

/** Random inputs of a question: all of a row from one stream. */
function drawn(draws: readonly LiftedDraw[], q: Asked, random: RandomSource): Record<string, Tensor> {
  if (draws.length === 0) return {};
  const feeds = Object.fromEntries(draws.map((d) => [d.name, zeros([q.ids.length, ...d.shape])]));
  for (const [i, id] of q.ids.entries()) {
    const stream = random.stream(id, 'network', q.draw[i]);
    for (const draw of draws) {
      const t = feeds[draw.name] as Tensor;
      const size = rowSize(t);
      fillDraw(draw, t.data.subarray(i * size, (i + 1) * size), stream);
    }
  }
  return feeds;
}

/** @throws AdvarenaError QUESTION where what an objective asks for is not given, or in another form */
function givenTensor(given: Given, input: ValueInfo, count: number, where: string): AnyTensor {
  const found = given[input.name];
  const wanted = [count, ...(input.shape ?? []).slice(1)];
  if (
    found?.dtype === input.dtype &&
    found.shape.length === wanted.length &&
    wanted.every((d, i) => typeof d === 'string' || d === found.shape[i]) &&
    found.data.length === sizeOf(found.shape)
  )
    return found;
  const received = found === undefined ? 'nothing' : `${found.dtype} [${found.shape.join(', ')}]`;
  throw new AdvarenaError(
    'QUESTION',
    `"${input.name}" is ${input.dtype} [${wanted.join(', ')}], but received ${received}.`,
    { where, remedy: 'Give what the objective asks for, one row for each image.' },
  );
}

/** What results of another device than the CPU say. */
function deviceFlags(name: string, device: Device = 'cpu'): Flag[] {
  if (device === 'cpu') return [];
  const message = `${name} ran on ${device}: its figures are that device's, and may differ from the CPU's and from run to run.`;
  return [{ code: 'DEVICE', message }];
}

function aloneFlag(name: string, why: Alone): Flag {
  const [code, does] = {
    coupled: ['BATCH_COUPLED', 'answers otherwise beside other images'],
    place: ['ROWS_ALONE', "rounds otherwise by an image's place in a run"],
    fails: ['FIXED_BATCH', 'does not run with several images'],
  }[why] as [string, string];
  const slower = why === 'coupled' ? '' : ', which is slower';
  return { code, message: `${name} ${does}, so its images are run one at a time${slower}.` };
}

/** Errors of the gradient speak of the joined graph; the user knows the model and its own names of nodes. */
function naming<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof AdvarenaError)) throw cause;
    const node = cause.where?.replaceAll('net/', '');
    throw new AdvarenaError(cause.code, cause.message, {
      where: node === undefined ? name : `${name}, ${node}`,
      ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
      cause,
    });
  }
}

function checkImages(q: Asked, image: ImageGraph, name: string): void {
  const { channels, height, width } = image.input;
  const [, c, h, w] = q.images.shape;
  if (q.images.shape.length !== 4 || c !== channels || h !== height || w !== width)
    throw new AdvarenaError(
      'IMAGE_SIZE',
      `The images are ${c}x${h}x${w} (channels, height, width); the model was made for ${channels}x${height}x${width}.`,
      {
        where: name,
        remedy:
          c === channels
            ? 'Load the model for the size of the images: loadModel(path, { size }).'
            : 'Use images with the number of channels that the model takes.',
      },
    );
}

function noGradient(q: Asked, classes: number): GradientAnswer {
  return { ...answersOf(zeros([0, classes])), value: new Float32Array(0), gradient: zeros(q.images.shape) };
}
