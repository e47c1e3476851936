import { type GradientOptions, gradient } from '../autodiff/index.ts';
import { concrete, GraphBuilder } from '../onnx/index.ts';
import { createSession, type Device, type Session } from '../runtime/index.ts';
import { AdvarenaError, concatRows, rows, type Tensor } from '../tensor/index.ts';
import { argmax, type Classifier, type Flag, type GradientAnswer, type Question } from './classifier.ts';
import type { ImageGraph } from './network.ts';
import type { Objective } from './objectives.ts';
import type { ModelSpec, SessionSettings } from './spec.ts';

/** Rules of the user's own, by `Op` or `domain.Op`. */
export type Overrides = NonNullable<GradientOptions['overrides']>;

export interface CompileOptions {
  name: string;
  spec?: ModelSpec;
  settings?: SessionSettings;
  overrides?: Overrides;
}

/**
 * A classifier over one graph. It compiles the forward pass at the first question and, per objective, one graph of
 * resize, preprocessing, network, objective and its gradient.
 */
export function graphClassifier(image: ImageGraph, options: CompileOptions): Classifier {
  const sessions = new Map<string, Promise<Session>>();
  const settings = { name: options.name, ...options.settings };
  const rowsPerRun = Math.min(image.maxRows, chunkRows(image));

  const session = (key: string, make: () => Parameters<typeof createSession>[0]): Promise<Session> => {
    let found = sessions.get(key);
    if (found === undefined) {
      found = createSession(make(), settings);
      sessions.set(key, found);
      // A failure is told to who asked; the next question tries anew.
      found.catch(() => sessions.delete(key));
    }
    return found;
  };

  async function scores(q: Question): Promise<Tensor> {
    checkImages(q, image, options.name);
    const compiled = await session('scores', () => image.graph);
    const parts: Tensor[] = [];
    for (const [from, to] of chunks(q.images.shape[0] ?? 0, rowsPerRun)) {
      const out = await compiled.run({ images: rows(q.images, from, to) }, ['logits']);
      parts.push(out['logits'] as Tensor);
    }
    return parts.length === 0 ? emptyScores(image) : concatRows(parts);
  }

  return {
    name: options.name,
    input: image.input,
    classes: image.classes,
    flags: [...image.flags, ...deviceFlags(options.name, options.settings?.device)],
    indexOffset: image.indexOffset,
    labelOffset: image.labelOffset,
    rowsPerRun,
    ...(options.spec === undefined ? {} : { spec: options.spec }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    scores,
    decisions: async (q) => argmax(await scores(q)),

    async gradient(q, objective, given) {
      checkImages(q, image, options.name);
      const compiled = await session(objective.key, () =>
        naming(options.name, () => differentiate(image, objective, options.overrides)),
      );
      const count = q.images.shape[0] ?? 0;
      const run = (from: number, to: number): ReturnType<Session['run']> => {
        const feeds: Record<string, Tensor | Tensor<'int64'>> = { images: rows(q.images, from, to) };
        for (const name of objective.given) {
          const t = given[name];
          if (t === undefined) throw new Error(`the objective ${objective.key} is asked without "${name}"`);
          feeds[name] = rows(t as Tensor, from, to);
        }
        return compiled.run(feeds);
      };
      const parts = [...chunks(count, rowsPerRun)];
      // What the runtime returns is the caller's already: copies are only for answers of several runs.
      if (parts.length === 1) {
        const out = await run(0, count);
        return {
          value: (out['value'] as Tensor).data,
          logits: out['logits'] as Tensor,
          gradient: out['grad_images'] as Tensor,
        };
      }
      const answer: GradientAnswer = {
        value: new Float32Array(count),
        logits: {
          dtype: 'float32',
          shape: [count, image.classes],
          data: new Float32Array(count * image.classes),
        },
        gradient: { dtype: 'float32', shape: q.images.shape, data: new Float32Array(q.images.data.length) },
      };
      const pixels = image.input.channels * image.input.height * image.input.width;
      for (const [from, to] of parts) {
        const out = await run(from, to);
        answer.value.set((out['value'] as Tensor).data, from);
        answer.logits.data.set((out['logits'] as Tensor).data, from * image.classes);
        answer.gradient.data.set((out['grad_images'] as Tensor).data, from * pixels);
      }
      return answer;
    },

    async release() {
      const open = [...sessions.values()];
      sessions.clear();
      for (const s of open) await (await s).release();
    },
  };
}

/** Pixels to value, logits and gradient, as one graph. */
export function differentiate(
  image: ImageGraph,
  objective: Objective,
  overrides?: Overrides,
): Parameters<typeof createSession>[0] {
  const b = new GraphBuilder(image.graph);
  const given: Record<string, string> = {};
  for (const name of objective.given) given[name] = b.input(name, 'int64', ['N']);
  let total: string | undefined;
  for (const head of image.heads) {
    const value = objective.build(b, head.logits, given);
    const weighted = head.weight === 1 ? value : b.op('Mul', [value, b.scalar(head.weight)]);
    total = total === undefined ? weighted : b.op('Add', [total, weighted]);
  }
  const value = b.output(total as string, 'value');
  const options = { of: value, wrt: ['images'], keep: ['value', 'logits'] };
  return gradient(b.finish(), { ...options, ...(overrides && { overrides }) });
}

/** What results of another device than the CPU say. */
function deviceFlags(name: string, device: Device = 'cpu'): Flag[] {
  if (device === 'cpu') return [];
  const message = `${name} ran on ${device}: its figures are that device's, and may differ from the CPU's and from run to run.`;
  return [{ code: 'DEVICE', message }];
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

function checkImages(q: Question, image: ImageGraph, name: string): void {
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

function emptyScores(image: ImageGraph): Tensor {
  return { dtype: 'float32', shape: [0, image.classes], data: new Float32Array(0) };
}

/** Cuts `count` rows into runs of at most `size`, as equal as can be. */
export function* chunks(count: number, size: number): Generator<[number, number]> {
  const runs = Math.ceil(count / size);
  for (let i = 0; i < runs; i++) yield [Math.floor((i * count) / runs), Math.floor(((i + 1) * count) / runs)];
}

/**
 * Rows per run at which gradients were measured fastest: activations should stay near the caches, yet small nets
 * must amortise the call. Counted in elements of all intermediate tensors of one image.
 */
function chunkRows(image: ImageGraph): number {
  let elements = 0;
  for (const type of image.graph.values.values()) {
    const sizes = concrete(type.shape?.slice(1));
    if (sizes !== undefined) elements += sizes.reduce((a, d) => a * d, 1);
  }
  return Math.max(2, Math.min(64, Math.round(4_000_000 / Math.max(1, elements))));
}
