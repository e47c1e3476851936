import { gradient } from '../autodiff/index.ts';
import type { Graph } from '../onnx/index.ts';
import {
  AdvarenaError,
  type Images,
  type InputSize,
  type RandomSource,
  type RandomStream,
  rows,
  type Tensor,
  zeros,
} from '../tensor/index.ts';
import { type Asked, type Backward, type Classifier, givenThrough, over } from './classifier.ts';
import { openRowRuns, type RowRuns, rowsAtBest } from './row-runs.ts';

/** Random inputs of a stage. All of a row come from one stream, so that they can belong together. */
export interface Draws {
  /** Shape of each by name, the rows apart; float32. */
  shapes(input: InputSize): Readonly<Record<string, readonly number[]>>;
  /** Fills one row of each, which are zeros. */
  fill(out: Readonly<Record<string, Float32Array>>, random: RandomStream, input: InputSize): void;
}

interface StageBase {
  readonly name: string;
  /** Size of what comes out; that of the input by default. */
  output?(input: InputSize): InputSize;
  readonly draws?: Draws;
}

/** A change of images before the network by a graph: gradients pass through it. */
export interface GraphStage extends StageBase {
  /** From `images` [N, C, H, W] and the draws, [N, ...] each by its name, to `images_out`. */
  graph(input: InputSize): Graph;
}

/** A change of images by a loop, which has no gradient of its own. */
export interface LoopStage extends StageBase {
  /**
   * The change itself. Images in, images out, float32 [rows, C, H, W] in [0,1]; the input is not modified. A row's
   * outcome depends on its pixels and its draws alone.
   */
  apply(q: Asked, drawn: Readonly<Record<string, Tensor>>): Promise<Images>;
  /** A differentiable twin, a graph as a {@link GraphStage} has it, that stands in for it in the backward pass. */
  surrogate?(input: InputSize): Graph;
}

export type Stage = GraphStage | LoopStage;

/** A stage made ready for images of one size. */
export interface OpenStage {
  /** What the stage leaves of the images, and the draws with which. */
  pass(q: Asked): Promise<{ images: Images; drawn: Readonly<Record<string, Tensor>> }>;
  /**
   * How a gradient with respect to what came out is led back to what went in, by the same draws.
   * @throws AdvarenaError NO_GRADIENT, before anything is computed
   */
  back(
    backward?: Backward,
  ): (q: Asked, drawn: Readonly<Record<string, Tensor>>, cotangent: Images) => Promise<Images>;
  release(): Promise<void>;
}

export interface StageContext {
  readonly input: InputSize;
  /** Its draws are keyed by sample, place, name and draw. */
  readonly random: RandomSource;
  /** Tells equal stages of one model apart. */
  readonly place: number;
  /** What errors call the model behind the stage. */
  readonly model: string;
}

export function openStage(stage: Stage, { input, random, place, model }: StageContext): OpenStage {
  const compiled = new Map<string, Promise<RowRuns>>();
  const runs = (key: string, make: () => Graph): Promise<RowRuns> => {
    let found = compiled.get(key);
    if (found === undefined) {
      const graph = make();
      found = openRowRuns(graph, {
        name: `the stage ${stage.name}`,
        most: rowsAtBest(graph),
        classes: 2,
      });
      compiled.set(key, found);
      found.catch(() => compiled.delete(key));
    }
    return found;
  };

  const draw = (q: Asked): Record<string, Tensor> => {
    if (stage.draws === undefined) return {};
    const shapes = Object.entries(stage.draws.shapes(input));
    const drawn = Object.fromEntries(shapes.map(([name, shape]) => [name, zeros([q.ids.length, ...shape])]));
    for (const [i, id] of q.ids.entries()) {
      const own = shapes.map(([name]) => [name, rows(drawn[name] as Tensor, i, i + 1).data] as const);
      stage.draws.fill(
        Object.fromEntries(own),
        random.stream(id, `${place}/${stage.name}`, q.draw[i]),
        input,
      );
    }
    return drawn;
  };

  return {
    async pass(q) {
      const drawn = draw(q);
      if (q.ids.length === 0) return { images: zeros([0, ...sizes(stage.output?.(input) ?? input)]), drawn };
      if ('apply' in stage) return { images: await stage.apply(q, drawn), drawn };
      const { images_out: images } = await (await runs('forward', () => stage.graph(input))).run(
        { images: q.images, ...drawn },
        ['images_out'],
      );
      return { images: images as Images, drawn };
    },
    back(backward) {
      const differentiable = 'graph' in stage || (backward === 'surrogate' && stage.surrogate !== undefined);
      const resizes = sizes(stage.output?.(input) ?? input).join() !== sizes(input).join();
      if (!differentiable && (backward === undefined || resizes))
        throw new AdvarenaError('NO_GRADIENT', `The stage "${stage.name}" of ${model} has no gradient.`, {
          where: model,
          remedy:
            backward === undefined
              ? 'Put the view bpda around it: --through bpda, or through: [bpda] in YAML.'
              : 'It changes the size of the image and has no differentiable twin: attack around it.',
        });
      if (!differentiable) return (_q, _drawn, cotangent) => Promise.resolve(cotangent);
      return async (q, drawn, cotangent) => {
        if (q.ids.length === 0) return zeros(q.images.shape);
        const back = await runs('backward', () => {
          const forward = 'graph' in stage ? stage.graph(input) : (stage.surrogate?.(input) as Graph);
          const of = forward.outputs[0]?.name as string;
          return gradient(forward, { of, wrt: ['images'], cotangent: 'input', keep: [] });
        });
        const out = await back.run({ images: q.images, ...drawn, cotangent }, ['grad_images']);
        return out['grad_images'] as Tensor;
      };
    },
    async release() {
      const open = [...compiled.values()];
      compiled.clear();
      for (const r of open) await (await r).release();
    },
  };
}

/**
 * A model behind a stage: it answers through the stage, and gradients pass where the stage is a graph. Where it is a
 * loop they are refused, but for the approximated form (the view `bpda`).
 * @param random of the role for which the model is opened
 * @throws AdvarenaError IMAGE_SIZE where the stage changes the size of the image and the model takes no other
 */
export function behind(stage: Stage, model: Classifier, random: RandomSource): Classifier {
  const { input } = model;
  const size = stage.output?.(input) ?? input;
  const inner = resized(model, size, stage.name);
  const name = `${stage.name}(${model.name})`;
  const open = openStage(stage, { input, random, place: inner.depth, model: name });

  const through = (network: Classifier, backward?: Backward): Classifier =>
    over(network, {
      name,
      input,
      random: stage.draws !== undefined || network.random,
      depth: network.depth + 1,
      answers: async (q) => network.answers({ ...q, images: (await open.pass(q)).images }),
      async gradient(q, objective, given) {
        const back = open.back(backward);
        const { images, drawn } = await open.pass(q);
        const seen = await givenThrough(
          objective,
          given,
          async (other) => (await open.pass({ ...q, images: other })).images,
        );
        const answer = await network.gradient({ ...q, images }, objective, seen);
        return { ...answer, gradient: await back(q, drawn, answer.gradient) };
      },
      approximate: (how) => through(network.approximate?.(how) ?? network, how),
      ...(model.at && { at: (other) => behind(stage, resized(model, other, stage.name), random) }),
      async release() {
        await open.release();
        await inner.release();
        if (inner !== model) await model.release();
      },
    });
  return through(inner);
}

function resized(model: Classifier, size: InputSize, stage: string): Classifier {
  if (sizes(size).join() === sizes(model.input).join()) return model;
  if (model.at !== undefined) return model.at(size);
  throw new AdvarenaError(
    'IMAGE_SIZE',
    `The stage "${stage}" gives images of ${size.height}x${size.width}, and ${model.name} takes ${model.input.height}x${model.input.width} only.`,
    { remedy: 'Use a model loaded from a file: it is made anew for that size.' },
  );
}

function sizes({ channels, height, width }: InputSize): number[] {
  return [channels, height, width];
}
