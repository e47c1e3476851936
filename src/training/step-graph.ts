import { gradient } from '../autodiff/index.ts';
import { givenTo, netWithin } from '../models/index.ts';
import type { Graph } from '../onnx/index.ts';
import { GraphBuilder, onnxType, prune } from '../onnx/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { trainedBatchNorm } from './batch-norm.ts';
import type { Loss } from './losses.ts';
import type { Network } from './networks/network.ts';
import { weightsOf } from './networks/network.ts';
import type { Optimizer } from './optimizers.ts';
import type { TrainingForm } from './training-form.ts';
import { trainingForm } from './training-form.ts';

export interface StepOptions {
  network: Network;
  /** Their weighted sum is descended; cross-entropy in most cases. */
  losses: readonly Loss[];
  optimizer: Optimizer;
  /** Largest Euclidean norm of all gradients together; beyond it all are scaled by clip / norm. */
  clip?: number;
  /** Which parameters weight decay applies to; by default those of two or more axes: no biases, no gains. */
  decays?: (name: string, value: Tensor) => boolean;
}

/** A tensor that a step reads under one name and returns, renewed, under another. */
export interface Kept {
  readonly input: string;
  readonly output: string;
}

/** Forward pass, backward pass and update as one graph. */
export interface StepGraph {
  readonly graph: Graph;
  readonly images: string;
  /** Input of each given tensor, `labels` among them. */
  readonly given: Readonly<Record<string, string>>;
  /** Input of each of the optimizer's scalars. */
  readonly scalars: Readonly<Record<string, string>>;
  readonly masks: TrainingForm['masks'];
  /** Parameters, statistics and the optimizer's tensors, `slot:parameter`. */
  readonly weights: Readonly<Record<string, Kept>>;
  readonly slots: Readonly<Record<string, Kept>>;
  /** Gradient of each parameter, before clipping. */
  readonly gradients: Readonly<Record<string, string>>;
  /** Scalars: the loss, the norm of all gradients and, where there are labels, how many rows are right. */
  readonly loss: string;
  readonly norm: string;
  readonly correct: string | undefined;
}

/** The training form with the loss as an output, before it is differentiated: a training-mode forward pass. */
export interface LossGraph {
  readonly graph: Graph;
  readonly form: TrainingForm;
  readonly given: Readonly<Record<string, string>>;
  readonly loss: string;
  readonly correct: string | undefined;
}

/** @throws AdvarenaError TRAINING_NETWORK for a network without parameters or of more than one input */
export function lossGraph(network: Network, losses: readonly Loss[]): LossGraph {
  const form = trainingForm(network);
  if (network.parameters.length === 0 || network.graph.inputs.length !== 1)
    throw new AdvarenaError(
      'TRAINING_NETWORK',
      'A network to train has one input and at least one parameter.',
      {
        where: network.name,
        remedy: 'Name the trainable initializers and make constants of the other inputs.',
      },
    );
  const b = new GraphBuilder(form.graph);
  const output = form.graph.outputs[0]?.name as string;
  // Run again on other images, batch normalization takes the statistics of those; what is learnt is of the first run.
  const images = network.graph.inputs[0]?.name as string;
  const net = netWithin(b, { graph: form.graph, images, logits: output, outputs: {} });
  const asked = givenTo(b);
  const terms = losses.map(({ objective, weight = 1 }) => {
    const mean = b.op('ReduceMean', [objective.build(b, net, asked.given)], { keepdims: 0 });
    return weight === 1 ? mean : b.op('Mul', [mean, b.scalar(weight)]);
  });
  if (terms.length === 0)
    throw new AdvarenaError('TRAINING_LOSS', 'There is no loss to descend.', {
      where: network.name,
      remedy: 'Give at least one loss, such as classification().',
    });
  const sum = terms.reduce((total, term) => b.op('Add', [total, term]));
  const loss = b.op('Identity', [sum], {}, 'loss');
  b.output(loss);
  const given = Object.fromEntries([...asked.types.keys()].map((name) => [name, name]));
  const correct = given['labels'] === undefined ? undefined : countRight(b, output, given['labels']);
  if (correct !== undefined) b.output(correct);
  return { graph: b.finish(), form, given, loss, correct };
}

function countRight(b: GraphBuilder, logits: string, labels: string): string | undefined {
  if (b.shape(logits)?.length !== 2) return undefined;
  const best = b.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
  const right = b.op('Cast', [b.op('Equal', [best, labels])], { to: onnxType('float32') });
  return b.op('ReduceSum', [right], { keepdims: 0 }, 'correct');
}

/**
 * One training step as one graph.
 * @throws AdvarenaError as {@link lossGraph}, and NO_GRADIENT for an operator without a rule
 */
export function stepGraph(options: StepOptions): StepGraph {
  const { network, optimizer } = options;
  const decays = options.decays ?? ((_, value) => value.shape.length > 1);
  const forward = lossGraph(network, options.losses);
  const { form, loss, correct } = forward;
  const derived = gradient(forward.graph, {
    of: loss,
    wrt: network.parameters,
    overrides: { BatchNormalization: trainedBatchNorm },
  });
  const found = derived.outputs.slice(-network.parameters.length).map((o) => o.name);
  const b = new GraphBuilder(derived);
  const norm = globalNorm(b, found);
  const clipped = options.clip === undefined ? found : clipTo(b, found, norm, options.clip);
  const values = weightsOf(network);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(0, 0)).map((name) => [name, b.input(`optimizer_${name}`, 'float32', [])]),
  );
  const weights: Record<string, Kept> = {};
  const slots: Record<string, Kept> = {};
  for (const [i, parameter] of network.parameters.entries()) {
    const value = values[parameter] as Tensor;
    const own = optimizer.slots.map((slot) => b.input(`${slot}:${parameter}`, 'float32', value.shape));
    const updated = optimizer.update({
      b,
      parameter,
      gradient: clipped[i] as string,
      slots: own,
      scalars,
      decays: decays(parameter, value),
    });
    weights[parameter] = { input: parameter, output: b.output(updated.parameter, `next:${parameter}`) };
    for (const [j, slot] of optimizer.slots.entries())
      slots[`${slot}:${parameter}`] = {
        input: own[j] as string,
        output: b.output(updated.slots[j] as string, `next:${slot}:${parameter}`),
      };
  }
  for (const { running, batch, kept } of form.statistics) {
    const old = b.op('Mul', [running, b.scalar(kept)]);
    const sum = b.op('Add', [old, b.op('Mul', [batch, b.scalar(1 - kept)])]);
    weights[running] = { input: running, output: b.output(sum, `next:${running}`) };
  }
  const renewed = [...Object.values(weights), ...Object.values(slots)].map((k) => k.output);
  b.setOutputs([loss, norm, ...(correct === undefined ? [] : [correct]), ...renewed, ...found]);
  return {
    graph: prune(b.finish()),
    images: network.graph.inputs[0]?.name as string,
    given: forward.given,
    scalars,
    masks: form.masks,
    weights,
    slots,
    gradients: Object.fromEntries(network.parameters.map((name, i) => [name, found[i] as string])),
    loss,
    norm,
    correct,
  };
}

/** ‖(g₁, g₂, ...)‖₂ of all gradients as one vector. */
function globalNorm(b: GraphBuilder, gradients: readonly string[]): string {
  const squares = gradients.map((g) => b.op('ReduceSumSquare', [g], { keepdims: 0 }));
  return b.op('Sqrt', [b.op('Sum', squares)], {}, 'gradient_norm');
}

/** All gradients times min(1, limit / norm). */
function clipTo(b: GraphBuilder, gradients: readonly string[], norm: string, limit: number): string[] {
  const bound = b.scalar(limit);
  const factor = b.op('Div', [bound, b.op('Max', [norm, bound])]);
  return gradients.map((g) => b.op('Mul', [g, factor]));
}
