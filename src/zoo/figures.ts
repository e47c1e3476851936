import {
  type Check,
  hard,
  maskingChecks,
  maskingTrials,
  type Source,
  standardTrials,
  type TrialResult,
  transferChecks,
  transferTrials,
} from '../evaluate/index.ts';
import { type Device, readFile, sha256, version } from '../runtime/index.ts';
import { ones } from '../tensor/index.ts';
import { type MeasureOptions, measure } from './measure.ts';
import type { ZooEntry } from './recipe.ts';

/** One figure: how many of the first `count` images were still answered right. */
export interface Figure {
  name: string;
  count: number;
  right: number;
}

/** The file `measured.json`. */
export interface Measured {
  version: string;
  /** SHA-256 of the ONNX file. */
  model: string;
  images: { part: 'dev'; seed: number | string; count: number };
  /** What it ran on, where that was not the CPU. */
  device?: Device;
  figures: Figure[];
  checks: Check[];
}

/**
 * Measures a network of the zoo: clean accuracy, FGSM and PGD-20, and, where a defense trained it, whether the
 * defense is what it seems.
 * @param all entries of the zoo, for twins and sources
 * @throws AdvarenaError as the judge's `attack`
 */
export async function measureEntry(
  entry: ZooEntry & { model: string },
  all: readonly ZooEntry[],
  options: Omit<MeasureOptions, 'model' | 'trials'>,
): Promise<Measured> {
  const { defense, twin: twinName } = entry.recipe;
  const twin = all.find((e) => e.name === twinName)?.model;
  const common = { ...options, model: entry.model };
  let results: TrialResult[];
  let checks: Check[] = [];
  if (defense === undefined || twinName === undefined || twin === undefined)
    results = await measure({ ...common, trials: standardTrials() });
  else {
    const transfers = (defense.sources?.length ?? 0) > 0;
    const extra = transfers
      ? transferTrials(strangers(entry, all))
      : maskingTrials({ name: twinName, file: twin });
    results = await measure({ ...common, trials: [...standardTrials(), ...extra] });
    const ofTwin = await measure({
      ...options,
      model: twin,
      trials: transfers ? extra : standardTrials().filter((t) => t.name === hard),
    });
    checks = transfers
      ? transferChecks(extra, results, ofTwin)
      : maskingChecks(results, ofTwin, { twin: twinName, classes });
  }
  return {
    version,
    model: sha256(await readFile(entry.model)),
    images: { part: 'dev', ...options.images },
    ...(options.device === undefined || options.device === 'cpu' ? {} : { device: options.device }),
    figures: results.map(({ name, right }) => ({ name, count: right.length, right: ones(right) })),
    checks,
  };
}

/** Classes of the road signs. */
const classes = 16;

/** Naturally trained networks from whose images an entry has never learned. */
function strangers(entry: ZooEntry, all: readonly ZooEntry[]): Source[] {
  const { twin, defense } = entry.recipe;
  return all
    .filter((e) => e.recipe.defense === undefined && e.name !== twin && e.model !== undefined)
    .filter((e) => defense?.sources?.includes(e.name) !== true)
    .map((e) => ({ name: e.name, file: e.model as string }));
}
