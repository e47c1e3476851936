import { roadsignClasses } from '../data/index.ts';
import type { Classifier } from '../models/index.ts';
import { joinPath } from '../runtime/index.ts';
import {
  adam,
  adamW,
  classification,
  constant,
  convNet,
  convNext,
  cosine,
  mobileNet,
  type Network,
  type Optimizer,
  oneCycle,
  type Progress,
  resNet,
  type Schedule,
  sgd,
  type Trained,
  train,
  vit,
  warmUp,
} from '../training/index.ts';
import { batchesOf } from './batches.ts';
import { openPool } from './pool.ts';
import { type Recipe, resolveTraining } from './recipe.ts';

export interface TrainRecipeOptions {
  /** Where the checkpoint is kept. */
  folder: string;
  /** Where photographs are kept; trainings of several recipes may share it. */
  photographs: string;
  /** The networks of `defense.sources`, in that order. */
  sources?: readonly Classifier[];
  /** Steps between checkpoints, 100 by default: what a crash can cost. */
  checkpointEvery?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress & { rendered: number; waited: number }) => void;
}

/** A network as a recipe's training left it. */
export interface TrainedRecipe extends Trained {
  /** Seconds in which training waited for photographs, since this call began. */
  readonly waited: number;
}

/**
 * Trains the network of a recipe, from its checkpoint in the folder where there is one. On one machine a recipe
 * gives the same weights to the last bit.
 * @throws AdvarenaError as `train` of the room training
 */
export async function trainRecipe(recipe: Recipe, options: TrainRecipeOptions): Promise<TrainedRecipe> {
  const { folder, photographs, sources = [], checkpointEvery = 100, signal, onProgress } = options;
  const { data, batch: size, seed } = recipe;
  const stopping = new AbortController();
  const stop = AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]);
  let rendered = 0;
  const pool = await openPool({
    part: 'train',
    seed: data.seed,
    count: data.count,
    ...(data.greySign && { greySign: true }),
    folder: photographs,
    signal: stop,
    onProgress: (done) => {
      rendered = done;
    },
  });
  const network = networkOf(recipe);
  const clean = batchesOf(pool, {
    size,
    seed,
    ...(recipe.augmentation && { augmentation: plain(recipe.augmentation) }),
  });
  const hardening = recipe.defense && resolveTraining(recipe.defense);
  const change = hardening?.defense.open({ network, sources, seed }, hardening.options);
  const steps = recipe.epochs * Math.floor(data.count / size);
  const { title: _, twin: __, ...identity } = recipe;
  try {
    const trained = await train({
      network,
      losses: [classification(recipe.smoothing === undefined ? {} : { smoothing: recipe.smoothing })],
      optimizer: optimizerOf(recipe.optimizer),
      schedule: scheduleOf(recipe.schedule, steps),
      steps,
      seed,
      recipe: identity,
      ...(recipe.clip === undefined ? {} : { clip: recipe.clip }),
      ...(recipe.average === undefined ? {} : { average: recipe.average }),
      checkpoint: { file: joinPath(folder, 'checkpoint.npz'), every: checkpointEvery },
      batches: async (step, weights) => {
        const batch = await clean(step);
        return change === undefined ? batch : change(batch, step, weights);
      },
      ...(signal && { signal }),
      onProgress: (progress) => onProgress?.({ ...progress, rendered, waited: pool.waited() }),
    });
    return { ...trained, waited: pool.waited() };
  } finally {
    stopping.abort();
  }
}

/** The network before training. */
export function networkOf({ network, seed }: Pick<Recipe, 'network' | 'seed'>): Network {
  const common = { classes: roadsignClasses.length, height: 64, width: 64, seed };
  const { builder, ...options } = network;
  const given = plain(options) as object;
  if (builder === 'convnet') return convNet({ ...common, ...given });
  if (builder === 'resnet') return resNet({ ...common, ...given });
  if (builder === 'mobilenet') return mobileNet({ ...common, ...given });
  if (builder === 'convnext') return convNext({ ...common, ...given });
  return vit({ ...common, ...given });
}

function optimizerOf({ name, ...options }: Recipe['optimizer']): Optimizer {
  const given = plain(options);
  return name === 'sgd' ? sgd(given) : name === 'adam' ? adam(given) : adamW(given);
}

function scheduleOf({ name, rate, warmUp: rise }: Recipe['schedule'], steps: number): Schedule {
  const schedule =
    name === 'one-cycle'
      ? oneCycle({ rate, steps })
      : name === 'cosine'
        ? cosine({ rate, steps })
        : constant(rate);
  return rise === undefined ? schedule : warmUp(schedule, rise);
}

/** The entries that are there: an absent option is not the same as an undefined one. */
function plain<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as never;
}
