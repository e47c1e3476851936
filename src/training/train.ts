import { writeModel } from '../onnx/index.ts';
import { hashJson } from '../runs/index.ts';
import { sha256 } from '../runtime/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { averaged } from './average.ts';
import type { Checkpoint, Validation } from './checkpoint.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Network, Weights } from './networks/network.ts';
import { weightsOf, withWeights } from './networks/network.ts';
import type { Progress } from './progress.ts';
import { progressOf } from './progress.ts';
import type { Schedule } from './schedules.ts';
import type { TrainingBatch } from './step.ts';
import { openStep } from './step.ts';
import type { StepOptions } from './step-graph.ts';

export interface TrainOptions extends StepOptions {
  /**
   * The batch of a step, from 0. It may read, but not change, the weights before the step: adversarial training
   * attacks them. For a training that can be continued it depends on the step and the weights alone.
   */
  batches: (step: number, weights: Weights) => TrainingBatch | Promise<TrainingBatch>;
  steps: number;
  schedule: Schedule;
  seed: number | string;
  /** 1 by default; with more, sums may be added up in another order from run to run. */
  threads?: number;
  /** Decay of a moving average of the weights, such as 0.999; the result has the averaged weights. */
  average?: number;
  /** Where the training is written to every so many steps and at the end, and read from if the file is there. */
  checkpoint?: { file: string; every: number };
  /** Plain data that tells this training from others beside its options, such as its dataset and augmentation. */
  recipe?: unknown;
  validation?: {
    /** Steps between measurements. */
    every: number;
    /** Stops after so many measurements without a better one; never by default. */
    patience?: number;
    /** The larger the better. */
    measure: (network: Network) => Promise<number>;
  };
  /** Called after every step. */
  onProgress?: (progress: Progress) => void;
  /** Aborting it writes a checkpoint, where one is asked for, and throws the reason. */
  signal?: AbortSignal;
}

export interface Trained {
  /** With the best validation's weights where there was one, else the last or averaged ones. */
  readonly network: Network;
  /** Steps done, those before a checkpoint included. */
  readonly steps: number;
  readonly stopped: 'steps done' | 'early';
  readonly validations: readonly Validation[];
}

/**
 * Trains a network. On one machine, with one thread, the same options give the same weights to the last bit, whether
 * in one go or continued from a checkpoint.
 * @throws AdvarenaError as `openStep` and its `run`, CHECKPOINT_DAMAGED, CHECKPOINT_OTHER, errors of writing files
 */
export async function train(options: TrainOptions): Promise<Trained> {
  const { network, steps, checkpoint, validation, average: decay } = options;
  const recipe = checkpoint === undefined ? '' : recipeOf(options);
  const found = checkpoint === undefined ? undefined : await readCheckpoint(checkpoint.file, recipe);
  const step = await openStep(options);
  let now: Checkpoint = found ?? {
    state: step.start,
    average: decay === undefined ? {} : step.start.weights,
    validations: [],
    best: {},
  };
  const save = async (): Promise<void> => {
    if (checkpoint !== undefined) await writeCheckpoint(checkpoint.file, recipe, now);
  };
  const current = (): Weights => (decay === undefined ? now.state.weights : now.average);
  const progress = progressOf(steps, () => performance.now() / 1000);
  try {
    while (now.state.step < steps && !isStale(now.validations, validation?.patience)) {
      if (options.signal?.aborted === true) {
        await save();
        throw options.signal.reason;
      }
      const { state: before } = now;
      const batch = await options.batches(before.step, before.weights);
      const rate = options.schedule(before.step);
      const { state, ...result } = await step.run(before, batch, rate);
      now = { ...now, state };
      if (decay !== undefined)
        now = { ...now, average: averaged(now.average, state.weights, decay, state.step) };
      if (validation !== undefined && state.step % validation.every === 0) {
        const value = await validation.measure(withWeights(network, current()));
        const better = now.validations.every((v) => value > v.value);
        const validations = [...now.validations, { step: state.step, value }];
        now = { ...now, validations, best: better ? current() : now.best };
      }
      options.onProgress?.(
        progress({ ...result, step: state.step, images: batch.images.shape[0] ?? 0, rate }),
      );
      if (checkpoint !== undefined && state.step % checkpoint.every === 0) await save();
    }
    if (found !== now) await save();
  } finally {
    await step.release();
  }
  const weights = now.validations.length > 0 ? now.best : current();
  return {
    network: withWeights(network, weights),
    steps: now.state.step,
    stopped: now.state.step < steps ? 'early' : 'steps done',
    validations: now.validations,
  };
}

/** Whether the last `patience` measurements brought nothing better than those before. */
function isStale(validations: readonly Validation[], patience: number | undefined): boolean {
  if (patience === undefined || validations.length <= patience) return false;
  const best = Math.max(...validations.map((v) => v.value));
  return validations.findIndex((v) => v.value === best) < validations.length - patience;
}

/** Hash of everything that the weights depend on, as far as it is data. */
function recipeOf(options: TrainOptions): string {
  const { network, optimizer, steps, clip, seed, average, validation, decays, recipe } = options;
  const rates = Float64Array.from({ length: steps }, (_, i) => options.schedule(i));
  const weights = weightsOf(network);
  return hashJson({
    graph: sha256(writeModel(network.graph)),
    parameters: network.parameters,
    statistics: network.statistics,
    losses: options.losses.map(({ objective, weight = 1 }) => [objective.key, weight]),
    optimizer: optimizer.key,
    rates: sha256(new Uint8Array(rates.buffer)),
    decays: decays && network.parameters.filter((name) => decays(name, weights[name] as Tensor)),
    validation: validation && { every: validation.every, patience: validation.patience },
    steps,
    clip,
    seed: String(seed),
    average,
    recipe,
  });
}
