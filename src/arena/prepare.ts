import { type Dataset, loadDataset, roadsigns } from '../data/index.ts';
import {
  labelOffsetOf,
  type ModelSpec,
  type NetworkFile,
  networkGraph,
  readNetwork,
  type Subject,
} from '../models/index.ts';
import { hashJson } from '../runs/index.ts';
import { type Device, readFile, sha256, versions } from '../runtime/index.ts';
import { AdvarenaError, type InputSize, type Tensor, toUint8 } from '../tensor/index.ts';
import { hashRow } from './pixels.ts';
import { besideRules, type FileRule, type Rules, type SubjectRule } from './rules.ts';
import type { NetworkHashes, RunFile } from './run-file.ts';
import type { RenderedRule } from './schema.ts';

/** A tournament about to run: what is recorded, and what only this machine has. */
export interface Arena {
  run: RunFile;
  /** 8-bit levels [N, C, H, W] of all images. */
  images: Tensor<'uint8'>;
  /** A subject of the rules with the places of its files. */
  subject(rule: SubjectRule): Subject;
}

/**
 * Reads the dataset and every model before anything runs.
 * @param file path of the rules, to which theirs are relative
 * @param render makes the images of rules that name no files; in this thread by default
 * @param device what the models are to run on
 * @throws AdvarenaError of the dataset and the models; RULES where they do not fit each other
 */
export async function prepareArena(
  rules: Rules,
  file: string,
  render: (rule: RenderedRule) => Promise<Dataset> = roadsigns,
  device: Device = 'cpu',
): Promise<Arena> {
  const spec = (name: string): ModelSpec => {
    const model = rules.models[name];
    if (model === undefined) throw new Error(`the rules have no model ${name}`);
    if ('file' in model) {
      const inputs = inputsOf(model, file);
      const cut = model.logits && { logits: model.logits };
      return { file: besideRules(file, model.file), name, ...(inputs && { inputs }), ...cut };
    }
    const { ensemble, fuse, weights } = model;
    const members = ensemble.map((member) => spec(member) as { file: string; name: string });
    return { ensemble: members, fuse, name, ...(weights === undefined ? {} : { weights }) };
  };
  const opened = await Promise.all(
    Object.entries(rules.models).flatMap(([name, m]) => ('file' in m ? [readOne(name, m, file)] : [])),
  );
  const dataset = checkDataset(
    'images' in rules.dataset ? await readDataset(rules.dataset, file, opened) : await render(rules.dataset),
    rules,
    file,
  );
  const [, channels = 0, height = 0, width = 0] = dataset.images.shape;
  const networks = opened.map((o) => madeFor(o, { channels, height, width }));
  for (const n of networks) checkNetwork(n, dataset, file);
  const images = dataset.images.dtype === 'uint8' ? dataset.images : toUint8(dataset.images);
  const hashes = new Map(networks.map((n) => [n.name, n.hashes]));
  return {
    images,
    subject: ({ model, chain }) => ({
      model: spec(model),
      chain,
      ...(device === 'cpu' ? {} : { settings: { device } }),
    }),
    run: {
      format: 3,
      rules,
      dataset: {
        name: dataset.name,
        channels,
        height,
        width,
        labelOffset: dataset.labelOffset,
        classes: (networks[0] as Network).classes,
        ...(dataset.classNames === undefined ? {} : { classNames: [...dataset.classNames] }),
        images: dataset.ids.map((id, i) => ({
          id,
          label: dataset.labels[i] as number,
          ...(dataset.targets === undefined ? {} : { target: dataset.targets[i] as number }),
          pixels: hashRow(images, i),
        })),
      },
      models: Object.fromEntries(
        Object.entries(rules.models).map(([name, m]) => [
          name,
          ('file' in m ? [name] : m.ensemble).map((member) => hashes.get(member) as NetworkHashes),
        ]),
      ),
      versions: versions(device),
    },
  };
}

interface Opened {
  name: string;
  network: NetworkFile;
  /** Undefined where its sidecar says nothing of labels. */
  labelOffset: number | undefined;
  hashes: NetworkHashes;
}

interface Network {
  name: string;
  classes: number;
  channels: number;
  hashes: NetworkHashes;
}

async function readOne(name: string, model: FileRule, file: string): Promise<Opened> {
  const path = besideRules(file, model.file);
  const network = await readNetwork(path, inputsOf(model, file));
  return {
    name,
    network,
    labelOffset: network.labels === undefined ? undefined : labelOffsetOf(network.sidecar()),
    hashes: {
      ...(await hashesOf(network)),
      ...(model.inputs && { inputs: await hashInputs(model.inputs, (of) => besideRules(file, of)) }),
      ...(model.logits && { logits: model.logits }),
    },
  };
}

/** What a model of the rules is for the dataset's images. */
function madeFor({ name, network, hashes }: Opened, size: InputSize): Network {
  const { graph, inputs, where } = network;
  const { logits = false } = hashes;
  const image = networkGraph(graph, network.sidecar(size), { name, where, inputs, logits });
  return { name, classes: image.classes, channels: image.input.channels, hashes };
}

/** Further inputs with the places of their files. */
function inputsOf({ inputs }: FileRule, file: string): FileRule['inputs'] {
  return (
    inputs &&
    Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        typeof value === 'string' ? besideRules(file, value) : value,
      ]),
    )
  );
}

async function hashInputs(
  inputs: NonNullable<FileRule['inputs']>,
  place: (path: string) => string,
): Promise<Record<string, string | number | boolean>> {
  const hashed = Object.entries(inputs).map(
    async ([name, value]) =>
      [name, typeof value === 'string' ? sha256(await readFile(place(value))) : value] as const,
  );
  return Object.fromEntries(await Promise.all(hashed));
}

async function hashesOf({ files, sidecarFile }: NetworkFile): Promise<NetworkHashes> {
  return {
    onnx: hashFiles(files),
    sidecar: sidecarFile === undefined ? null : sha256(await readFile(sidecarFile)),
  };
}

/**
 * What a network is, whatever its file is called.
 * @param inputs values of further inputs, or places of their files
 * @throws AdvarenaError as readNetwork
 */
export async function networkHashes(path: string, inputs?: FileRule['inputs']): Promise<NetworkHashes> {
  return {
    ...(await hashesOf(await readNetwork(path, inputs))),
    ...(inputs && { inputs: await hashInputs(inputs, (of) => of) }),
  };
}

/** Networks of one architecture may differ in their external data alone. */
function hashFiles(files: readonly Uint8Array[]): string {
  const [first = '', ...more] = files.map(sha256);
  return more.length === 0 ? first : hashJson([first, ...more]);
}

type Labelled = Dataset & { labels: Int32Array };

function readDataset(
  { images, labels, limit, classes, offset: given }: Exclude<Rules['dataset'], RenderedRule>,
  file: string,
  networks: readonly Opened[],
): Promise<Dataset> {
  // Counting from 0 is the default of a sidecar, and no statement about the dataset's files.
  const offset = given ?? (agreedOffset(networks, file) || undefined);
  return loadDataset({
    images: besideRules(file, images),
    ...(labels === undefined ? {} : { labels: besideRules(file, labels) }),
    ...(offset === undefined ? {} : { offset }),
    ...(classes === undefined ? {} : { classes }),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** The dataset with all that the rules need of it. */
function checkDataset(dataset: Dataset, rules: Rules, file: string): Labelled {
  if (dataset.labels === undefined)
    throw new AdvarenaError('RULES', 'The dataset has no labels, so nothing can be scored.', {
      where: file,
      remedy: 'Name a file of labels under dataset.labels.',
    });
  if (dataset.targets === undefined && rules.attacks.some((a) => a.goal === 'targeted'))
    throw new AdvarenaError('RULES', 'There are targeted attacks, but the dataset has no targets.', {
      where: file,
      remedy: 'Add a column target to the labels, or take the targeted attacks out.',
    });
  return { ...dataset, labels: dataset.labels };
}

/** Label of class 0 in the words of all models that say it: in others' classes an answer would mean another thing. */
function agreedOffset(networks: readonly Opened[], file: string): number | undefined {
  const [first, ...others] = networks.filter((n) => n.labelOffset !== undefined);
  const other = others.find((n) => n.labelOffset !== first?.labelOffset);
  if (other !== undefined)
    throw new AdvarenaError(
      'RULES',
      `The first class of ${first?.name} is label ${first?.labelOffset}, that of ${other.name} is label ${other.labelOffset}.`,
      { where: file, remedy: 'Correct labels.offset in the sidecar of one of them.' },
    );
  return first?.labelOffset;
}

/** Every model must take the images and answer with the dataset's classes. */
function checkNetwork(network: Network, dataset: Labelled, file: string): void {
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('RULES', `The model ${network.name} ${message}.`, { where: file, remedy });
  };
  const channels = dataset.images.shape[1];
  if (network.channels !== channels)
    refuse(`takes images of ${network.channels} channels, the dataset has ${channels}`, 'Use another model.');
  if (dataset.classes !== undefined && network.classes !== dataset.classes)
    refuse(
      `has ${network.classes} classes, the dataset ${dataset.classes}`,
      'Use models of the dataset, or correct dataset.classes, or labels.offset in the sidecar.',
    );
  const beyond = [...dataset.labels, ...(dataset.targets ?? [])].find((c) => c >= network.classes);
  if (beyond !== undefined)
    refuse(
      `has ${network.classes} classes, but the labels name ${beyond + dataset.labelOffset}`,
      'Use models of the dataset, or correct dataset.offset.',
    );
}
