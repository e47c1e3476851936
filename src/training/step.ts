import type { Session } from '../runtime/index.ts';
import { createSession } from '../runtime/index.ts';
import type { AnyTensor, Tensor } from '../tensor/index.ts';
import { AdvarenaError, int64, randomOf, scalar, zeros } from '../tensor/index.ts';
import { diagnose } from './diagnose.ts';
import type { Weights } from './networks/network.ts';
import { weightsOf } from './networks/network.ts';
import type { StepGraph, StepOptions } from './step-graph.ts';
import { stepGraph } from './step-graph.ts';

/** What one step learns from. */
export interface TrainingBatch {
  /** [N, C, H, W], as the network takes it. */
  readonly images: Tensor;
  /** Names of the images, where something that changes the batch keys its random numbers by them. */
  readonly ids?: readonly string[];
  /** Class of each image, where a loss asks for `labels`. */
  readonly labels?: ArrayLike<number>;
  /** What losses are given beside the labels. */
  readonly given?: Readonly<Record<string, AnyTensor>>;
}

/** Everything that a later step depends on. */
export interface State {
  /** Steps done. */
  readonly step: number;
  readonly weights: Weights;
  /** The optimizer's tensors, named `slot:parameter`. */
  readonly slots: Weights;
}

export interface StepResult {
  readonly state: State;
  /** Mean over the batch, before the update. */
  readonly loss: number;
  /** Rows predicted right before the update; undefined where there are no labels. */
  readonly correct: number | undefined;
  /** Euclidean norm of all gradients, before clipping. */
  readonly norm: number;
  /** Gradients before clipping, by parameter, where they are asked for. */
  readonly gradients: Readonly<Record<string, Tensor>> | undefined;
}

export interface TrainingStep {
  /** The state before the first step. */
  readonly start: State;
  /**
   * Does one step; the state given stays as it is.
   * @param rate learning rate
   * @throws AdvarenaError TRAINING_NOT_FINITE naming the step and the node where NaN or infinity arose;
   *   TRAINING_BATCH for a batch without what the losses are given
   */
  run(
    state: State,
    batch: TrainingBatch,
    rate: number,
    options?: { gradients?: boolean },
  ): Promise<StepResult>;
  release(): Promise<void>;
}

/**
 * Compiles the step graph. The same state, batch, rate and seed give the same bits on the same machine with one
 * thread.
 * @param options threads 1 by default; seed of the masks of dropout
 */
export async function openStep(
  options: StepOptions & { seed: number | string; threads?: number },
): Promise<TrainingStep> {
  const plan = stepGraph(options);
  const { network, optimizer } = options;
  const settings = { name: `training of ${network.name}`, threads: options.threads ?? 1 };
  const session: Session = await createSession(plan.graph, settings);
  const random = randomOf(options.seed, 'training');
  const weights = weightsOf(network);
  const wanted = [plan.loss, plan.norm, ...(plan.correct === undefined ? [] : [plan.correct])];
  wanted.push(...[...Object.values(plan.weights), ...Object.values(plan.slots)].map((k) => k.output));
  const all = [...wanted, ...Object.values(plan.gradients)];

  const masks = (step: number, count: number): Record<string, Tensor> =>
    Object.fromEntries(
      plan.masks.map(({ input, ratio, shape }) => {
        const mask = zeros([count, ...shape.slice(1).map(Number)]);
        const draw = random.stream('', input, step);
        draw.fillUniform(mask.data, 0, 1);
        for (let i = 0; i < mask.data.length; i++)
          mask.data[i] = (mask.data[i] as number) < ratio ? 0 : 1 / (1 - ratio);
        return [input, mask];
      }),
    );

  return {
    start: {
      step: 0,
      weights,
      slots: Object.fromEntries(
        network.parameters.flatMap((name) =>
          optimizer.slots.map((slot) => [`${slot}:${name}`, zeros((weights[name] as Tensor).shape)]),
        ),
      ),
    },
    async run(state, batch, rate, { gradients = false } = {}) {
      const feeds: Record<string, AnyTensor> = {
        [plan.images]: batch.images,
        ...givenOf(plan, batch, network.name),
        ...masks(state.step, batch.images.shape[0] ?? 0),
      };
      const numbers = optimizer.scalars(state.step, rate);
      for (const [name, input] of Object.entries(plan.scalars))
        feeds[input] = scalar(numbers[name] as number);
      for (const [name, { input }] of Object.entries(plan.weights))
        feeds[input] = state.weights[name] as Tensor;
      for (const [name, { input }] of Object.entries(plan.slots)) feeds[input] = state.slots[name] as Tensor;
      for (const name of network.statistics) feeds[name] ??= state.weights[name] as Tensor;
      const out = (await session.run(feeds, gradients ? all : wanted)) as Record<string, Tensor>;
      const loss = out[plan.loss]?.data[0] as number;
      const norm = out[plan.norm]?.data[0] as number;
      if (!Number.isFinite(loss) || !Number.isFinite(norm))
        throw await diagnose(plan, feeds, { step: state.step, loss, network: network.name });
      const renewed = (kept: StepGraph['weights']): Record<string, Tensor> =>
        Object.fromEntries(Object.entries(kept).map(([name, { output }]) => [name, out[output] as Tensor]));
      return {
        state: {
          step: state.step + 1,
          weights: { ...state.weights, ...renewed(plan.weights) },
          slots: renewed(plan.slots),
        },
        loss,
        correct: plan.correct === undefined ? undefined : out[plan.correct]?.data[0],
        norm,
        gradients: gradients
          ? Object.fromEntries(Object.entries(plan.gradients).map(([name, g]) => [name, out[g] as Tensor]))
          : undefined,
      };
    },
    release: () => session.release(),
  };
}

function givenOf(plan: StepGraph, batch: TrainingBatch, where: string): Record<string, AnyTensor> {
  return Object.fromEntries(
    Object.entries(plan.given).map(([name, input]) => {
      const value =
        batch.given?.[name] ??
        (name === 'labels' && batch.labels !== undefined ? int64(batch.labels) : undefined);
      if (value === undefined)
        throw new AdvarenaError('TRAINING_BATCH', `The batch has no "${name}", which a loss asks for.`, {
          where,
          remedy: `Return "${name}" with each batch.`,
        });
      return [input, value];
    }),
  );
}
