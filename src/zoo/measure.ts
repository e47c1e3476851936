import { holdTrial, type Trial, type TrialResult } from '../evaluate/index.ts';
import { type Classifier, loadModel } from '../models/index.ts';
import { canonicalJson } from '../runs/index.ts';
import {
  type Device,
  exists,
  type Hosts,
  joinPath,
  makeFolder,
  probeDevice,
  readFile,
  sha256,
  version,
  writeFileAtomic,
} from '../runtime/index.ts';
import { rows } from '../tensor/index.ts';
import { openPool } from './pool.ts';

export interface MeasureOptions {
  /** ONNX file with its sidecar. */
  model: string;
  trials: readonly Trial[];
  /** Photographs of the part `dev`, the first `count` of that seed. */
  images: { seed: number | string; count: number };
  /** Where photographs and finished parts are kept: a measurement that was stopped goes on. */
  work: string;
  photographs: string;
  hosts: Hosts;
  /** What the networks run on. @default cpu */
  device?: Device;
  signal?: AbortSignal;
  onProgress?: (progress: { trial: string; done: number; total: number }) => void;
}

/** Images judged at once. */
const perPart = 500;

/**
 * Classifies the images as they are and under each trial. Attacks stop at images that they have already fooled the
 * network with, unless they are made on another one.
 * @returns the clean answers first, under the name `clean`
 */
export async function measure(options: MeasureOptions): Promise<TrialResult[]> {
  const { model: file, trials, images, work, hosts, device = 'cpu', signal, onProgress } = options;
  await probeDevice(hosts, device, file);
  const pool = await openPool({
    part: 'dev',
    ...images,
    folder: options.photographs,
    ...(signal && { signal }),
    onProgress: (done) => onProgress?.({ trial: 'rendering', done, total: images.count }),
  });
  await pool.ready(images.count);
  const own = joinPath(work, `measured-${sha256(await readFile(file)).slice(0, 16)}`);
  await makeFolder(own);
  const size = { height: 64, width: 64 };
  const models = new Map<string, Promise<Classifier>>();
  const open = (path: string): Promise<Classifier> => {
    const found = models.get(path) ?? loadModel(path, { size, settings: { device } });
    models.set(path, found);
    return found;
  };
  /** The right answers of one part, remembered. */
  const part = async (trial: Trial, from: number, to: number): Promise<{ clean: string; right: string }> => {
    const { name: _, count: __, source, ...definition } = trial;
    const origin = source === undefined ? undefined : sha256(await readFile(source.file));
    const key = sha256(
      new TextEncoder().encode(
        canonicalJson({
          ...definition,
          ...(device === 'cpu' ? {} : { device }),
          origin,
          seed: String(images.seed),
          from,
          to,
          version,
        }),
      ),
    );
    const path = joinPath(own, `${key.slice(0, 24)}.json`);
    if (await exists(path)) return JSON.parse(new TextDecoder().decode(await readFile(path)));
    const result = await holdTrial(await open(file), trial, {
      images: rows<'uint8'>(pool.images, from, to),
      labels: pool.labels.subarray(from, to),
      ids: Array.from({ length: to - from }, (_, i) => pool.id(from + i)),
      source: source && (await open(source.file)),
      hosts,
      ...(signal && { signal }),
    });
    await writeFileAtomic(path, new TextEncoder().encode(JSON.stringify(result)));
    return result;
  };
  try {
    const results: TrialResult[] = [];
    for (const trial of trials) {
      const count = Math.min(trial.count ?? images.count, images.count);
      let right = '';
      let clean = '';
      for (let from = 0; from < count; from += perPart) {
        onProgress?.({ trial: trial.name, done: from, total: count });
        const found = await part(trial, from, Math.min(count, from + perPart));
        right += found.right;
        clean += found.clean;
      }
      if (results.length === 0) results.push({ name: 'clean', right: clean });
      results.push({ name: trial.name, right });
    }
    return results;
  } finally {
    for (const model of models.values()) await (await model).release();
  }
}
