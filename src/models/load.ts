import { check, type ExternalRange, type Graph, readModel } from '../onnx/index.ts';
import { baseName, dirName, joinPath, readFile, readPartSync, realPathSync } from '../runtime/index.ts';
import { AdvarenaError, type InputSize, type RandomSource, readNpy } from '../tensor/index.ts';
import { type Classifier, type Flag, over } from './classifier.ts';
import { fuse } from './ensemble.ts';
import type { InputValue } from './further-inputs.ts';
import { graphClassifier } from './graph-classifier.ts';
import { graphFlags } from './graph-flags.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { swappedOrder } from './known-preprocessings.ts';
import type { Overrides } from './net.ts';
import { type ImageGraph, networkGraph } from './network.ts';
import { madeFrom } from './origin.ts';
import { readSidecar } from './read-sidecar.ts';
import type { Sidecar, SidecarEntries } from './sidecar.ts';
import type { ModelSize, ModelSpec, NetworkSpec, SessionSettings } from './spec.ts';

export interface LoadOptions extends OpenOptions, Omit<NetworkSpec, 'file'> {}

/**
 * A classifier from an ONNX file and the sidecar beside it: pixels in [0,1] in, the dataset's classes out.
 * @throws AdvarenaError ONNX_READ, SIDECAR, SIDECAR_NEEDED, MODEL_NAN, MODEL_INPUT, MODEL_OUTPUT, DATASET
 */
export function loadModel(
  path: string,
  { name, logits, dataset, inputs, ...options }: LoadOptions = {},
): Promise<Classifier> {
  const spec = {
    file: path,
    ...(name !== undefined && { name }),
    ...(logits !== undefined && { logits }),
    ...(dataset !== undefined && { dataset }),
    ...(inputs !== undefined && { inputs }),
  };
  return openModel(spec, options);
}

export interface OpenOptions {
  /** Size of the images it will be asked about; the network's own by default. */
  size?: ModelSize;
  settings?: SessionSettings;
  /**
   * Rules used instead of the catalog's, or where it has none, by operator. Such a model has no spec: attacks on it
   * run in the caller's own thread.
   */
  overrides?: Overrides;
  /** Of the draws of random nodes; of a fixed seed by default. */
  random?: RandomSource;
}

/** Builds what a spec names, in this thread; sessions are compiled at the first question. */
export async function openModel(spec: ModelSpec, options: OpenOptions = {}): Promise<Classifier> {
  const { size, settings, overrides, random } = options;
  const compile = {
    ...(settings && { settings }),
    ...(overrides && { overrides }),
    ...(random && { random }),
  };
  // Rules of the caller's own exist in this thread alone.
  const noted = (model: Classifier, own: ModelSpec): Classifier =>
    overrides === undefined
      ? madeFrom(model, { model: own, name: model.name, ...(settings && { settings }) })
      : model;
  const classifier = ({ name, make }: Network, own: NetworkSpec): Classifier =>
    noted(graphClassifier(make(size), { name, ...compile, remake: make }), own);
  if ('file' in spec) return classifier(await openNetwork(spec, size), spec);
  const opened = await Promise.all(spec.ensemble.map((member) => openNetwork(member, size)));
  const name = spec.name ?? opened.map((m) => m.name).join('+');
  const make = (of: ModelSize | undefined): ImageGraph =>
    fuse(
      opened.map((m) => m.make(of)),
      { name, ...(spec.fuse && { fusion: spec.fuse }), ...(spec.weights && { weights: spec.weights }) },
    );
  const fused = graphClassifier(make(size), { name, ...compile, remake: make });
  const members = opened.map((m, i) => classifier(m, spec.ensemble[i] as NetworkSpec));
  return noted(
    over(fused, {
      members,
      ...(fused.at && { at: fused.at }),
      async release() {
        await fused.release();
        for (const member of members) await member.release();
      },
    }),
    spec,
  );
}

/** A network read from its file, which can be made for images of any size. */
interface Network {
  name: string;
  readonly make: (size: ModelSize | InputSize | undefined) => ImageGraph;
}

/** @param at size of the images at hand, which graphs of free size take */
async function openNetwork(spec: NetworkSpec, at: ModelSize | undefined): Promise<Network> {
  const model = await readNetwork(spec.file, spec.inputs);
  const name = spec.name ?? model.name;
  const sidecar = forDataset(model.sidecar(at), spec.dataset, spec.file);
  const flags = [...sidecarFlags(name, sidecar, model), ...graphFlags(model.graph, sidecar, name)];
  const given = Object.entries(spec.inputs ?? {}).map(([input, value]) => `${input} = ${value}`);
  if (given.length > 0)
    flags.push({ code: 'INPUT_GIVEN', message: `${name} is given ${given.join(', ')} beside the images.` });
  return {
    name,
    make(size) {
      const graph = networkGraph(model.graph, sidecar, {
        name,
        where: model.where,
        inputs: model.inputs,
        ...(size === undefined ? {} : { size }),
        ...(spec.logits === undefined ? {} : { logits: spec.logits }),
      });
      return { ...graph, flags: [...graph.flags, ...flags] };
    },
  };
}

/**
 * The sidecar for the dataset asked for. Where it says nothing of labels, ImageNet's are known to start at 1: at the
 * first of 1000 outputs, or at the second of 1001.
 */
function forDataset(sidecar: Sidecar, dataset: string | undefined, file: string): Sidecar {
  const own = sidecar.labels?.dataset;
  const imagenet = (name: string | undefined): boolean => /^imagenet/i.test(name ?? '');
  // ImageNet's classes go by several names.
  const known = dataset === undefined || dataset === own || (imagenet(dataset) && imagenet(own));
  if (known && (dataset === undefined || sidecar.labels?.offset !== undefined)) return sidecar;
  if (!known && own !== undefined)
    throw new AdvarenaError('DATASET', `The model answers with classes of ${own}, not of ${dataset}.`, {
      where: file,
      remedy: 'Use images and labels of that dataset, or correct labels.dataset in the sidecar.',
    });
  const first = imagenet(dataset) && sidecar.output.classes === 1000 ? 1 : 0;
  return { ...sidecar, labels: { ...sidecar.labels, offset: sidecar.labels?.offset ?? first, dataset } };
}

/**
 * Reads and checks an ONNX file; external data is found beside it.
 * @throws AdvarenaError FILE_MISSING, ONNX_READ, ONNX_EXTERNAL, MODEL_NAN and what else {@link check} finds
 */
export async function readGraph(path: string): Promise<Graph> {
  return (await readFiles(path)).graph;
}

/** The graph, the bytes of its file, and those of its constants in other files, in their order. */
async function readFiles(path: string): Promise<{ graph: Graph; files: Uint8Array[] }> {
  const bytes = await readFile(path);
  const files = [bytes];
  refusePointer(bytes, path);
  const graph = readModel(bytes, {
    name: path,
    external(location, range) {
      const part = readExternal(path, location, range);
      files.push(part);
      return part;
    },
  });
  check(graph, { name: path });
  return { graph, files };
}

const pointer = 'version https://git-lfs.github.com/spec/';

/** What a checkout without Git LFS has in the place of a large file. @throws AdvarenaError ONNX_READ */
function refusePointer(bytes: Uint8Array, where: string): void {
  if (new TextDecoder().decode(bytes.subarray(0, pointer.length)) !== pointer) return;
  throw new AdvarenaError('ONNX_READ', 'This is a pointer of Git LFS, in the place of the file itself.', {
    where,
    remedy: 'Fetch the file: git lfs pull.',
  });
}

function readExternal(model: string, location: string, { offset, length }: ExternalRange): Uint8Array {
  const path = joinPath(dirName(model), location);
  try {
    const real = realPathSync(path);
    // Downloads are often kept elsewhere, model and data together, and linked to.
    const folders = [realPathSync(dirName(model)), dirName(realPathSync(model))];
    if (folders.includes(real)) throw new TypeError('it is a folder');
    if (folders.some((folder) => isWithin(real, folder))) {
      refusePointer(readPartSync(real, 0, pointer.length), path);
      return readPartSync(real, offset, length);
    }
  } catch (cause) {
    if (cause instanceof AdvarenaError && cause.code === 'ONNX_READ') throw cause;
    throw new AdvarenaError('ONNX_EXTERNAL', `Weights are kept in "${location}", which cannot be read.`, {
      where: model,
      remedy: 'Put that file beside the model: the two belong together.',
      cause,
    });
  }
  throw new AdvarenaError(
    'ONNX_EXTERNAL',
    `Weights are kept in "${location}", a link out of the model's folder.`,
    {
      where: model,
      remedy: 'Put the file itself beside the model.',
    },
  );
}

function isWithin(path: string, folder: string): boolean {
  for (let above = dirName(path); ; above = dirName(above)) {
    if (above === folder) return true;
    if (above === dirName(above)) return false;
  }
}

/** An ONNX file with what its sidecar says, or without. */
export interface NetworkFile {
  readonly graph: Graph;
  /** Bytes of the ONNX file and of its constants in other files. */
  readonly files: readonly Uint8Array[];
  /**
   * What its sidecar says, and what the graph tells where it says nothing.
   * @param size of the images at hand, which tells what the graph leaves free
   * @throws AdvarenaError SIDECAR, SIDECAR_NEEDED, MODEL_INPUT, MODEL_OUTPUT
   */
  readonly sidecar: (size?: Partial<InputSize>) => Sidecar;
  /** What its sidecar says; nothing where there is none. */
  readonly given: SidecarEntries;
  readonly sidecarFile: string | undefined;
  /** The sidecar's words on labels. */
  readonly labels: Sidecar['labels'];
  /** Values of further inputs, by their names. */
  readonly inputs: ReadonlyMap<string, InputValue>;
  readonly name: string;
  /** What errors name: the sidecar, or the ONNX file where there is none. */
  readonly where: string;
}

/**
 * Reads an ONNX file, its sidecar, and the files of further inputs.
 * @param settings of further inputs
 * @throws AdvarenaError as {@link readGraph}; SIDECAR; NPY_... of further inputs
 */
export async function readNetwork(path: string, settings: NetworkSpec['inputs'] = {}): Promise<NetworkFile> {
  const { graph, files } = await readFiles(path);
  const { file: sidecarFile, entries: given } = await readSidecar(path);
  const inputs = new Map(
    await Promise.all(
      Object.entries(settings).map(
        async ([name, value]): Promise<[string, InputValue]> => [
          name,
          typeof value === 'string' ? readNpy(await readFile(value), value) : value,
        ],
      ),
    ),
  );
  return {
    graph,
    files,
    sidecar: (size) =>
      inferSidecar(graph, path, {
        given,
        sidecar: sidecarFile,
        values: new Set(inputs.keys()),
        ...(size && { size }),
      }),
    given,
    sidecarFile,
    labels: given.labels,
    inputs,
    name: given.name ?? baseName(path).replace(/\.onnx$/i, ''),
    where: sidecarFile ?? path,
  };
}

/** What may be wrong with preprocessing, by what is said of it and what is not. */
function sidecarFlags(name: string, sidecar: Sidecar, { given, sidecarFile }: NetworkFile): Flag[] {
  if (sidecarFile === undefined)
    return [
      {
        code: 'NO_SIDECAR',
        message: `${name} has no sidecar: its pixels are taken in [0,1] without mean and std. Write one if it was trained otherwise: advarena sidecar MODEL.onnx.`,
      },
    ];
  if (given.preprocessing === undefined)
    return [
      {
        code: 'NO_PREPROCESSING',
        message: `The sidecar of ${name} says nothing of preprocessing: its pixels are taken in [0,1] without mean and std. Add them if it was trained otherwise, or "preprocessing": {}.`,
      },
    ];
  const flags: Flag[] = [];
  const { alike = [] } = given.preprocessing;
  if (alike.length > 0)
    flags.push({
      code: 'PREPROCESSING_GUESSED',
      message: `The mean and std of ${name} are a guess: images did not tell them from ${alike.join(', ')}. Write those that it was trained with, and take preprocessing.alike out of the sidecar.`,
    });
  const swapped = swappedOrder(sidecar);
  if (swapped !== undefined)
    flags.push({
      code: 'CHANNELS_SWAPPED',
      message: `The means of ${name} are known ones (${swapped.title}) in the order ${swapped.order}, but its input.channels is ${sidecar.input.channels}: mean and std stand in the order of input.channels.`,
    });
  return flags;
}
