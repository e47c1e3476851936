import { networkHashes } from '../../arena/index.ts';
import type { GoalKind } from '../../attacks/index.ts';
import { parseEntry } from '../../catalog/index.ts';
import { type Dataset, loadDataset } from '../../data/index.ts';
import { defend, defenses } from '../../defenses/index.ts';
import { type AttackRequest, resolveDefense } from '../../judge/index.ts';
import { type Classifier, loadModel, type NetworkSpec, readGraph } from '../../models/index.ts';
import type { NamedAttackResult } from '../../report/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { classesIn, offsetOf, targetClasses } from './classes.ts';
import type { AttackFlags } from './flags.ts';
import { readMasks } from './masks.ts';

/** What an attack's flags name, opened. */
export interface Opened {
  readonly dataset: Labelled;
  /** Behind its defenses. */
  readonly model: Classifier;
  readonly sources: readonly Classifier[];
  /** What labels count from. */
  readonly offset: number;
  /** Of labels. */
  readonly names: Record<number, string> | undefined;
  /** By the names of models. */
  readonly files: ReadonlyMap<string, string>;
  /** Further inputs of the model and of each source. */
  readonly inputs: readonly Inputs[];
}

/** Defenses in the order in which an image passes them. @throws AdvarenaError UNKNOWN_NAME, OPTION, SHORT_FORM */
export function chainOf({ defense = [] }: AttackFlags): ReturnType<typeof resolveDefense>[] {
  return defense.map((text) => resolveDefense(parseEntry(text, defenses)));
}

/** @throws AdvarenaError errors of the files */
export async function openAll(
  path: string,
  flags: AttackFlags,
  chain: ReturnType<typeof chainOf>,
): Promise<Opened> {
  const dataset = await load(flags);
  const paths = [path, ...(flags.source ?? [])];
  const inputs = await inputsOf(paths, flags.input);
  let model = await open(path, flags, dataset, inputs[0]);
  for (const { defense, options } of chain.toReversed()) model = defend(model, defense, options);
  const sources = await Promise.all(
    (flags.source ?? []).map((file, i) => open(file, flags, dataset, inputs[i + 1])),
  );
  const offset = offsetOf(dataset, flags, model);
  return {
    dataset,
    model,
    sources,
    offset,
    names: namesOf(dataset, model, offset),
    files: new Map([model, ...sources].map(({ name }, i) => [name, paths[i] ?? path])),
    inputs,
  };
}

/** What shaped the result beside what the judge says of it. */
export async function factsOf(
  path: string,
  { source = [], logits }: AttackFlags,
  inputs: readonly Inputs[],
): Promise<Pick<NamedAttackResult, 'files' | 'logits'>> {
  const files = await Promise.all([path, ...source].map((file, i) => networkHashes(file, inputs[i])));
  return { files, ...(logits === true && { logits }) };
}

/** The images with what is said of them. */
export type AttackedImages = Pick<
  AttackRequest,
  'images' | 'ids' | 'labels' | 'targets' | 'masks' | 'region'
>;

/** The images with what is said of them, in classes from 0. */
export async function imagesOf(
  flags: AttackFlags,
  goal: GoalKind,
  { dataset, offset, model }: Opened,
): Promise<AttackedImages> {
  const file = flags.labels ?? flags.images;
  const given = dataset.labels.map((l) => l + dataset.labelOffset);
  const labels = classesIn(file, given, { what: 'label', model, ids: dataset.ids, offset });
  const targets =
    goal === 'targeted'
      ? await targetClasses(flags.targets, { dataset, file, offset, labels, model, seed: flags.seed })
      : undefined;
  const masks =
    flags.mask === undefined ? undefined : await readMasks(flags.mask, dataset, flags.limit !== undefined);
  return {
    images: dataset.images,
    ids: dataset.ids,
    labels,
    ...(targets && { targets }),
    ...(masks && { masks, region: 'mask' }),
  };
}

type Labelled = Dataset & { labels: Int32Array };

/** @throws AdvarenaError LABEL_MISSING, errors of the dataset */
async function load({ images, labels, size, limit }: AttackFlags): Promise<Labelled> {
  const dataset = await loadDataset({
    images,
    ...(labels === undefined ? {} : { labels }),
    ...(size === undefined ? {} : { size }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (dataset.labels === undefined)
    throw new AdvarenaError('LABEL_MISSING', 'The images have no labels.', {
      where: images,
      remedy: 'Give a file of them with --labels.',
    });
  return { ...dataset, labels: dataset.labels };
}

type Inputs = NetworkSpec['inputs'];

/** Further inputs of each model: of several models, each gets those that its graph has; the first also unknown ones. */
async function inputsOf(files: readonly string[], given: Inputs): Promise<Inputs[]> {
  if (given === undefined || files.length === 1) return files.map(() => given);
  const graphs = await Promise.all(files.map(readGraph));
  const names = graphs.map((graph) => new Set(graph.inputs.map((i) => i.name)));
  return names.map((own, i) => {
    const kept = Object.entries(given).filter(
      ([name]) => own.has(name) || (i === 0 && !names.some((others) => others.has(name))),
    );
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  });
}

function open(
  path: string,
  { logits, device, threads }: AttackFlags,
  dataset: Dataset,
  inputs: Inputs,
): Promise<Classifier> {
  const [, channels = 0, height = 0, width = 0] = dataset.images.shape;
  return loadModel(path, {
    size: { channels, height, width },
    ...(inputs && { inputs }),
    // The competition's labels are ImageNet's, whatever a model without sidecar may say.
    ...(dataset.labelOffset === 1 && dataset.classes === 1000 ? { dataset: 'imagenet-1k' } : {}),
    ...(logits === true ? { logits: true } : {}),
    settings: { device, ...(threads === undefined ? {} : { threads }) },
  });
}

/** What people call the classes, by the labels given: as the dataset says, else as the model does. */
function namesOf(
  { classNames, labelOffset }: Dataset,
  model: Classifier,
  offset: number,
): Record<number, string> | undefined {
  const [names, first] = classNames ? [classNames, labelOffset] : [model.classNames, offset];
  return names && Object.fromEntries(names.map((name, i) => [i + first, name]));
}
