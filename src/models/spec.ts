import type { EntrySpec } from '../catalog/index.ts';
import type { Device } from '../runtime/index.ts';

/** Value of a further input: one for all its elements, or the path of a .npy file of its shape. */
export type InputSetting = number | boolean | string;

/** A network from a file, as plain data: any thread or machine can build it. */
export interface NetworkSpec {
  /** Path of the ONNX file. */
  file: string;
  /** What results call it; the sidecar's name or the file's by default. */
  name?: string;
  /** Attack the logits before a final softmax or sigmoids instead of the probabilities behind them. */
  logits?: boolean;
  /** Values of what the graph takes beside the images, by the names of its inputs: numbers, or paths of .npy files. */
  inputs?: Readonly<Record<string, InputSetting>>;
  /** Name of the dataset whose classes it answers with; the sidecar's by default. */
  dataset?: string;
}

/** How members become one: mean of logits, log of mean probabilities, mean of losses. */
export type Fusion = 'logits' | 'probabilities' | 'loss';

export interface EnsembleSpec {
  ensemble: readonly NetworkSpec[];
  /** @default logits */
  fuse?: Fusion;
  /** One per member; equal by default. */
  weights?: readonly number[];
  name?: string;
}

export type ModelSpec = NetworkSpec | EnsembleSpec;

/** Size of the images that a model is made for. */
export interface ModelSize {
  height: number;
  width: number;
  /** What a graph leaves open is inferred from it. */
  channels?: number;
}

/** How sessions are made; the defaults are the fastest measured. */
export interface SessionSettings {
  /** Threads within one run; 1 by default, for several hosts at once are faster. */
  threads?: number;
  /** Where graphs are run; other devices' figures carry a flag. @default cpu */
  device?: Device;
}

/** What is attacked or judged: a model behind a chain of defenses, in the order in which an image passes them. */
export interface Subject {
  model: ModelSpec;
  chain?: readonly (string | EntrySpec)[];
  name?: string;
  settings?: SessionSettings;
}
