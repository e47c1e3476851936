import type { Job, JobContext } from '../runtime/index.ts';
import {
  AdvarenaError,
  guessShare,
  type Images,
  mayBeGuessed,
  rows,
  signTest,
  type Tensor,
  tensor,
  toFloat,
} from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { knownPreprocessings, perChannel, sameMeans, smallSide } from './known-preprocessings.ts';
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
  /** Share of images that are right without looking at them. */
  guess: number;
  /**
   * The one that is clearly best; where the images do not tell it from others that are much like it, or from itself in
   * the other order of channels, the most usual of them.
   */
  best?: Trial;
  /** Those that may be right: better than guessing, and not clearly worse than the first; with it, the best first. */
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
 * @param input of the network, as far as it is known
 * @param own one that somebody says, tried too: in the place of a known one where it is the same
 */
export function candidatesFor(
  { channels: order, height = 0, width = 0 }: NonNullable<SidecarEntries['input']>,
  own?: Candidate,
): Candidate[] {
  const count = order === 'GRAY' ? 1 : 3;
  const large = Math.max(height, width) > smallSide;
  const known = knownPreprocessings
    .filter(({ mean, grey = false }) => (count === 3 ? !grey : mean.length === 1))
    .filter(({ small = false }) => !(small && large))
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
  if (own === undefined) return all;
  const same = all.findIndex((c) => sameCandidate(c, own));
  return same < 0 ? [own, ...all] : all.with(same, { ...own, title: (all[same] as Candidate).title });
}

/** Whether two are the same but for rounding. */
export function sameCandidate(a: Candidate, b: Candidate): boolean {
  const near = a.std.every((std, i) => Math.abs(std - (b.std[i] as number)) < 0.01 * std);
  return a.channels === b.channels && sameMeans(a.mean, b.mean) && near;
}

/**
 * Whether two are so much alike that a network trained with one is about as right with the other: as with the means and
 * deviations of two sets of photographs.
 */
function kindred(a: Candidate, b: Candidate): boolean {
  const inRgb = ({ channels }: Candidate, values: readonly number[]) =>
    channels === 'BGR' ? values.toReversed() : values;
  const [means, stds] = [inRgb(b, b.mean), inRgb(b, b.std)];
  return (
    inRgb(a, a.mean).every((mean, i) => Math.abs(mean - (means[i] as number)) < 0.05) &&
    inRgb(a, a.std).every((std, i) => Math.abs(Math.log(std / (stds[i] as number))) < Math.log(1.5))
  );
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
  return judged(all, count, guessShare(labels, sidecar.output.classes));
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
 * Orders candidates. The first is clearly best where it is right on more images than each other by the sign test, but
 * for those much like it, and more often than guessing is.
 * @param all the more usual before others that are much like it
 * @param guess share of images that are right without looking at them
 * @throws AdvarenaError NO_IMAGES
 */
export function judged(all: readonly Hits[], images: number, guess: number): Trials {
  const sum = (hits: Uint8Array): number => hits.reduce((a, b) => a + b, 0);
  const found = all.map(({ hits, ...rest }) => ({ hits, trial: { ...rest, right: sum(hits) } }));
  const sorted = found.toSorted((a, b) => b.trial.right - a.trial.right);
  const [first] = sorted;
  if (first === undefined || images === 0)
    throw new AdvarenaError('NO_IMAGES', 'There are no images to try preprocessings on.', {
      remedy: 'Give images with labels.',
    });
  const worse = ({ hits }: { hits: Uint8Array }): boolean => {
    const won = first.hits.filter((hit, i) => hit > (hits[i] as number)).length;
    const lost = first.hits.filter((hit, i) => hit < (hits[i] as number)).length;
    // Either of the two might have been the first.
    return 2 * signTest(won, lost) < chance;
  };
  const guessing = ({ right }: Trial): boolean => mayBeGuessed(right, images, guess);
  const open = found.filter((one) => one === first || !worse(one)).map(({ trial }) => trial);
  const alike = open.every((t) => t.offset === first.trial.offset && kindred(t, first.trial));
  const best = open.find(({ channels }) => channels !== 'BGR') ?? open[0];
  return {
    images,
    guess,
    trials: sorted.map(({ trial }) => trial),
    near: sorted.map(({ trial }) => trial).filter((t) => open.includes(t) && !guessing(t)),
    ...(alike && !guessing(first.trial) && best !== undefined && { best }),
  };
}
