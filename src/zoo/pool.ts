import { availableParallelism } from 'node:os';
import type { Nuisance, RoadsignPart } from '../data/index.ts';
import { hashJson } from '../runs/index.ts';
import {
  exists,
  joinPath,
  makeFolder,
  openHosts,
  readFile,
  sha256,
  version,
  writeFileAtomic,
} from '../runtime/index.ts';
import { type Tensor, tensor } from '../tensor/index.ts';
import { renderJob } from './render.ts';

export interface PoolOptions {
  part: RoadsignPart;
  seed: number | string;
  count: number;
  off?: readonly Nuisance[];
  greySign?: boolean;
  /** Where the photographs are kept, so that a training that goes on need not wait for them again. */
  folder: string;
  signal?: AbortSignal;
  /** Called with the number of photographs that are there. */
  onProgress?: (done: number) => void;
}

/** Photographs that other processes render while those already there are in use. */
export interface Pool {
  readonly count: number;
  id(index: number): string;
  /** Waits until all photographs before `end` are there. */
  ready(end: number): Promise<void>;
  /** Levels [count, 3, 64, 64]; those that are not ready are 0. */
  readonly images: Tensor<'uint8'>;
  readonly labels: Uint8Array;
  /** Seconds spent in `ready`. */
  waited(): number;
}

/** Photographs per file: some seconds of rendering. */
const perFile = 256;
const side = 64;
const size = 3 * side * side;

/**
 * Renders photographs of road signs in as many processes as the machine has processors, from the first on.
 * @throws AdvarenaError STOPPED from `ready` after a stop
 */
export async function openPool(options: PoolOptions): Promise<Pool> {
  const { part, count, folder, signal, onProgress, ...rest } = options;
  const images = tensor(new Uint8Array(count * size), [count, 3, side, side], 'uint8');
  const labels = new Uint8Array(count);
  const key = hashJson({ part, ...rest, seed: String(rest.seed), version }).slice(0, 16);
  const own = joinPath(folder, `${part}-${key}`);
  await makeFolder(own);
  const files = Math.ceil(count / perFile);
  const hosts = openHosts({ count: Math.min(files, availableParallelism()) });
  let done = 0;

  const load = async (file: number): Promise<void> => {
    const from = file * perFile;
    const to = Math.min(count, from + perFile);
    const path = joinPath(own, `${String(file).padStart(5, '0')}.bin`);
    let bytes = await stored(path, to - from);
    if (bytes === undefined) {
      const job = renderJob({ part, ...rest, from, to });
      bytes = (await hosts.run(job, { name: 'rendering', ...(signal && { signal }) })) as Uint8Array;
      await writeFileAtomic(path, sealed(bytes));
    }
    const here = to - from;
    const held = bytes.length / (size + 1);
    images.data.set(bytes.subarray(0, here * size), from * size);
    labels.set(bytes.subarray(held * size, held * size + here), from);
    done += here;
    onProgress?.(done);
  };
  const loads = Array.from({ length: files }, (_, file) => load(file));
  // Whoever waits for a file sees its error; one that nobody waits for any more is no crash.
  for (const l of loads) l.catch(() => undefined);
  void Promise.allSettled(loads).then(() => hosts.close());

  let seconds = 0;
  return {
    count,
    id: (index) => `${part}-${String(index).padStart(6, '0')}`,
    async ready(end) {
      const started = performance.now();
      await Promise.all(loads.slice(0, Math.ceil(end / perFile)));
      seconds += (performance.now() - started) / 1000;
    },
    images,
    labels,
    waited: () => seconds,
  };
}

/** The bytes with their hash before them: a file cut short is rendered again. */
function sealed(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(64 + bytes.length);
  out.set(new TextEncoder().encode(sha256(bytes)));
  out.set(bytes, 64);
  return out;
}

/** A file of fewer photographs than are asked for is as good as none. */
async function stored(path: string, least: number): Promise<Uint8Array | undefined> {
  if (!(await exists(path))) return undefined;
  const whole = await readFile(path);
  const bytes = whole.subarray(64);
  return new TextDecoder().decode(whole.subarray(0, 64)) === sha256(bytes) &&
    bytes.length >= least * (size + 1)
    ? bytes
    : undefined;
}
