import type { Job, JobContext } from '../runtime/index.ts';
import {
  AdvarenaError,
  type Images,
  rows,
  signTest,
  type Tensor,
  tensor,
  toFloat,
  wilson,
} from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { knownPreprocessings, perChannel } from './known-preprocessings.ts';
import { readGraph } from './load.ts';
import { networkGraph } from './network.ts';
import type { Sidecar, SidecarEntries } from './sidecar.ts';

/** A preprocessing that may be the right one, in the network's own order of channels. */
export interface Candidate {
  title: string;
  channels: Sidecar['input']['channels'];
  mean: readonly number[];
  std: readonly number[];
}

/** How right a network is with a candidate. */
export interface Trial extends Candidate {
  /** Label = output index + offset. */
  offset: number;
  /** Images answered with their label. */
  right: number;
}

/** What came of all candidates, the best first. */
export interface Trials {
  images: number;
  trials: readonly Trial[];
  /** The one that is clearly best, whatever the order of channels where the images do not tell that. */
  best?: Trial;
  /** Those that are not clearly worse than the first, itself among them. */
  near: readonly Trial[];
}

export interface TrialWork {
  /** Path of the ONNX file. */
  file: string;
  /** What is known of the network but preprocessing and the order of channels. */
  given: SidecarEntries;
  candidates: readonly Candidate[];
  /** 8-bit levels, or float32 in [0,1]: [N, C, H, W]. */
  images: Tensor<'uint8'> | Images;
  /** In the numbers of their file. */
  labels: Int32Array;
  /** Offsets of labels that may be right. */
  offsets: readonly number[];
}

/** A candidate with whether each image was answered with its label. */
interface Hits extends Candidate {
  offset: number;
  hits: Uint8Array;
}

/**
 * The usual preprocessings for a network, in RGB and BGR where it has three channels.
 * @param own one that somebody says, tried too
 */
export function candidatesFor(order: Sidecar['input']['channels'], own?: Candidate): Candidate[] {
  const count = order === 'GRAY' ? 1 : 3;
  const known = knownPreprocessings
    .filter(({ mean, grey = false }) => (count === 3 ? !grey : mean.length === 1))
    .map(({ title, mean, std }) => ({ title, mean: perChannel(mean, count), std: perChannel(std, count) }));
  const orders = count === 1 ? (['GRAY'] as const) : (['RGB', 'BGR'] as const);
  const all = known.flatMap(({ title, mean, std }) =>
    orders.map(
      (channels): Candidate =>
        channels === 'BGR'
          ? { title, channels, mean: mean.toReversed(), std: std.toReversed() }
          : { title, channels, mean, std },
    ),
  );
  return own === undefined || all.some((c) => sameCandidate(c, own)) ? all : [own, ...all];
}

/** Whether two are the same to the digits that people write. */
export function sameCandidate(a: Candidate, b: Candidate): boolean {
  const near = (x: readonly number[], y: readonly number[]): boolean =>
    x.length === y.length &&
    x.every((v, i) => Math.abs(v - (y[i] as number)) < 1e-3 * Math.max(1e-2, Math.abs(v)));
  return a.channels === b.channels && near(a.mean, b.mean) && near(a.std, b.std);
}

/** Offsets among -1, 0 and 1 by which every label is an output of the network. */
export function offsetsFor(labels: Int32Array, outputs: number): number[] {
  const [least, most] = [labels.reduce((a, b) => Math.min(a, b)), labels.reduce((a, b) => Math.max(a, b))];
  return [0, -1, 1].filter((offset) => least >= offset && most < outputs + offset);
}

/** The job of trying candidates, for a host. Progress values are numbers of images of all candidates. */
export function trialJob(work: TrialWork): Job {
  return { module: import.meta.url, name: 'tryCandidates', data: work };
}

/** Runs in a host: see {@link trialJob}. The network takes images as they are, and they are prepared before. */
export async function tryCandidates(data: unknown, context: JobContext): Promise<Trials> {
  const { file, given, candidates, images, labels, offsets } = data as TrialWork;
  const graph = await readGraph(file);
  const [count = 0, , height = 0, width = 0] = images.shape;
  const { preprocessing: _, ...rest } = given;
  const grey = candidates.every((c) => c.channels === 'GRAY');
  const input = { ...rest.input, channels: grey ? ('GRAY' as const) : ('RGB' as const) };
  const sidecar = inferSidecar(graph, file, { given: { ...rest, input }, size: { height, width } });
  const model = graphClassifier(networkGraph(graph, sidecar, { name: file, size: { height, width } }), {
    name: file,
  });
  const all: Hits[] = candidates.flatMap((c) =>
    offsets.map((offset) => ({ ...c, offset, hits: new Uint8Array(count) })),
  );
  // Short runs, so that a stop need not wait.
  const step = Math.min(32, model.rowsPerRun);
  for (let from = 0; from < count; from += step) {
    const part = rows<'uint8' | 'float32'>(images, from, Math.min(count, from + step)) as typeof images;
    const pixels = part.dtype === 'uint8' ? toFloat(part) : part;
    for (const [i, candidate] of candidates.entries()) {
      await context.pause();
      const { classes } = await model.answers(asked(prepared(pixels, candidate)));
      for (const one of all.slice(i * offsets.length, (i + 1) * offsets.length))
        classes.forEach((c, row) => {
          one.hits[from + row] = Number(c >= 0 && c + one.offset === labels[from + row]);
        });
      context.progress(from * candidates.length + (i + 1) * classes.length);
    }
  }
  await model.release();
  return judged(all, count, Math.max(1 / sidecar.output.classes, commonest(labels)));
}

/** Share of the label that there is most often: what a network gets right that always says the same. */
function commonest(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}

/** Images as the network gets them. Resizing is linear, so that it may come after. */
function prepared({ shape, data }: Images, { channels, mean, std }: Candidate): Images {
  const [count = 0, planes = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const out = new Float32Array(data.length);
  for (let plane = 0; plane < count * planes; plane++) {
    const own = plane % planes;
    const from = channels === 'BGR' ? plane - own + (planes - 1 - own) : plane;
    const [m, s] = [mean[own] as number, std[own] as number];
    for (let i = 0; i < area; i++) out[plane * area + i] = ((data[from * area + i] as number) - m) / s;
  }
  return tensor(out, shape);
}

/** One is better than another where that is not by chance, in so many cases of a hundred. */
const chance = 0.01;

/**
 * Orders candidates. The first is clearly best where it is right on more images than each other by the sign test, and
 * more often than guessing is.
 * @param guess share of images that are right without looking at them
 * @throws AdvarenaError NO_IMAGES
 */
export function judged(all: readonly Hits[], images: number, guess: number): Trials {
  const sum = (hits: Uint8Array): number => hits.reduce((a, b) => a + b, 0);
  const sorted = all.toSorted((a, b) => sum(b.hits) - sum(a.hits));
  const [first] = sorted;
  if (first === undefined || images === 0)
    throw new AdvarenaError('NO_IMAGES', 'There is nothing to try.', { remedy: 'Give images with labels.' });
  const worse = (other: Hits): boolean => {
    const won = first.hits.filter((hit, i) => hit > (other.hits[i] as number)).length;
    const lost = first.hits.filter((hit, i) => hit < (other.hits[i] as number)).length;
    return signTest(won, lost) < chance;
  };
  const trials = sorted.map(({ hits, ...rest }): Trial => ({ ...rest, right: sum(hits) }));
  const near = trials.filter((_, i) => i === 0 || !worse(sorted[i] as Hits));
  const guessing = wilson(sum(first.hits), images).low <= guess;
  const alike = near.every(({ title, offset }) => title === first.title && offset === first.offset);
  const best = near.find(({ channels }) => channels !== 'BGR') ?? near[0];
  return {
    images,
    trials,
    near,
    ...(alike && !guessing && best !== undefined && { best }),
  };
}
