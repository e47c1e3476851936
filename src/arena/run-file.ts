import { z } from 'zod';
import { accesses, kinds } from '../models/index.ts';
import { norms } from '../tensor/index.ts';
import type { Rules } from './rules.ts';

/** What `run.json` says: all that a tournament depends on beside the code. Plain data. */
export interface RunFile {
  /** Of the run directory; raised when its files change their meaning. */
  format: 3;
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
  /** Set where the rules cut its softmax or sigmoids off. */
  logits?: true;
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

const name = z.string().min(1);
const options = z.record(z.string(), z.unknown());
const entries = z.array(z.object({ name, options }));
const subject = { model: name, chain: entries };
const queries = z.union([z.int().min(1), z.partialRecord(z.enum(kinds), z.int().min(1))]);
const attackRule = z.object({
  name,
  attack: name,
  options,
  through: entries,
  goal: z.enum(['untargeted', 'targeted', 'least-likely']),
  labels: z.enum(['true', 'predicted']),
  radius: z.enum(['fixed', 'minimum']),
  sources: z.array(z.object(subject)),
  opponent: z.enum(accesses),
  queries: queries.optional(),
  baseline: z.boolean(),
});
const modelRule = z.union([
  z.object({ file: z.string() }),
  z.object({
    ensemble: z.array(name).min(1),
    fuse: z.enum(['logits', 'probabilities', 'loss']),
    weights: z.array(z.number()).optional(),
  }),
]);
const rules = z.object({
  name,
  seed: z.int().min(0),
  norm: z.enum(norms),
  epsilons: z.array(z.number().positive()).min(1),
  epsilonPerBatch: z.enum(['all', 'cycle']),
  draws: z.int().min(1),
  dataset: z.looseObject({}),
  batch: z.object({ size: z.int().min(1), seconds: z.number().positive() }),
  models: z.record(z.string(), modelRule),
  attacks: z.array(attackRule),
  defenses: z.array(z.object({ name, ...subject, baseline: z.boolean() })).min(1),
  comparisons: z.array(
    z.object({ title: z.string(), above: z.array(name), below: z.array(name), on: z.array(name) }),
  ),
  examples: z.int().min(0),
});
const size = z.int().min(1);
const image = z.object({
  id: z.string(),
  label: z.int().min(0),
  target: z.int().min(0).optional(),
  pixels: z.string(),
});
const dataset = z.object({
  name: z.string(),
  channels: size,
  height: size,
  width: size,
  labelOffset: z.int(),
  classes: z.int().min(2),
  classNames: z.array(z.string()).optional(),
  images: z.array(image).min(1),
});
const hashes = z.array(
  z.object({
    onnx: z.string(),
    sidecar: z.string().nullable(),
    inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    logits: z.literal(true).optional(),
  }),
);

const runFileSchema = z.object({
  format: z.literal(3),
  rules,
  dataset,
  models: z.record(z.string(), hashes),
  versions: z.record(z.string(), z.string()),
});

/** What is wrong with the data of a `run.json`; undefined for nothing. */
export function runFault(data: unknown): string | undefined {
  const parsed = runFileSchema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return [...(issue?.path ?? [])].join('.').concat(`: ${issue?.message}`);
  }
  return danglingName(parsed.data);
}

/** A model, an attack or a defense that is named and not there. */
function danglingName({ rules, models }: z.infer<typeof runFileSchema>): string | undefined {
  const subjects = [...rules.defenses, ...rules.attacks.flatMap((attack) => attack.sources)];
  const model = subjects.find(
    (each) => !Object.hasOwn(rules.models, each.model) || !Object.hasOwn(models, each.model),
  );
  if (model !== undefined) return `there is no model "${model.model}"`;
  const attacks = new Set(rules.attacks.map((each) => each.name));
  const defenses = new Set(rules.defenses.map((each) => each.name));
  const compared = rules.comparisons.flatMap(({ above, below }) => [...above, ...below]);
  const attack = compared.find((each) => !attacks.has(each));
  if (attack !== undefined) return `there is no attack "${attack}"`;
  const defense = rules.comparisons.flatMap(({ on }) => on).find((each) => !defenses.has(each));
  return defense && `there is no defense "${defense}"`;
}
