import type { GraphBuilder, ValueType } from '../onnx/index.ts';
import { int64, type Tensor, tensor } from '../tensor/index.ts';

/** A network within a graph under construction. */
export interface Net {
  /** Tensor of the images, [N, C, H, W]. */
  readonly images: string;
  /** [N, classes]. */
  readonly logits: string;
  /**
   * A tensor by name: `logits`, `reject` of a detector, or what the sidecar names under `outputs`.
   * @throws AdvarenaError OUTPUT naming those that there are
   */
  output(name: string): string;
  /** The same network, its weights and draws shared, on other images of the graph. */
  run(images: string): Net;
}

/**
 * One number per row from a network and what is given beside it, as a small graph that is fused with the network and
 * differentiated once. An attack ascends on it to leave `labels` and descends to reach them.
 */
export interface Objective {
  /** Tells two objectives of one owner apart: name and options. */
  readonly key: string;
  /** A number for each attack whose objectives they are; left out for the library's own. */
  readonly owner?: number;
  /**
   * Whether it is flat somewhere by itself, as Carlini and Wagner's is once an image fools the model: a gradient of
   * zero then says nothing of the model.
   */
  readonly flat?: boolean;
  /** Which of what it is given are images: stages and views change them as they change the images themselves. */
  readonly images?: readonly string[];
  /**
   * Appends the objective.
   * @param given declares a tensor from outside, one row per row, and gives its name: what is asked for here is what
   *   a question must give
   * @returns the value, [N]
   */
  build(b: GraphBuilder, net: Net, given: (name: string, type: ValueType) => string): string;
}

const standards = new WeakSet<Objective>();

/** Marks an objective as the library's own, and freezes it. */
function standard(objective: Objective): Objective {
  standards.add(Object.freeze(objective));
  return objective;
}

/** Whether an objective is the library's own, as it made it. */
export function isStandard(objective: Objective): boolean {
  return standards.has(objective);
}

/** The type of `labels`, classes per row. */
const labelType: ValueType = { dtype: 'int64', shape: ['N'] };

/** Where each row's label stands: bool [N, K]. */
function labelMask(b: GraphBuilder, logits: string, labels: string): string {
  const classes = b.shape(logits)?.[1] as number;
  const index = b.constant(int64(Array.from({ length: classes }, (_, k) => k)), 'classes');
  return b.op('Equal', [index, b.op('Unsqueeze', [labels, b.ints([1])])]);
}

/** Logit of the label, [N, 1]. A masked sum, for its gradient is cheaper and plainer than that of a gather. */
function labelLogit(b: GraphBuilder, logits: string, isLabel: string): string {
  const own = b.op('Where', [isLabel, logits, b.scalar(0)]);
  return b.op('ReduceSum', [own, b.ints([1])], { keepdims: 1 });
}

/** Logit of one class of each row, [N]. */
function logitOf(b: GraphBuilder, logits: string, classes: string): string {
  return b.op('Squeeze', [labelLogit(b, logits, labelMask(b, logits, classes)), b.ints([1])]);
}

/**
 * Softmax cross-entropy, with label smoothing q = (1 − s)·onehot + s/K.
 *
 * Written over the differences d_j = z_j − z_y of the other classes alone, so that differentiating gives
 * −Σ_{j≠y}(p_j − q_j) for the label: p_y − 1 would round to 0 on sure images, and the direction with it.
 */
export function crossEntropy(options: { smoothing?: number } = {}): Objective {
  const smoothing = options.smoothing ?? 0;
  return standard({
    key: `cross-entropy(${smoothing})`,
    build(b, { logits }, given) {
      const isLabel = labelMask(b, logits, given('labels', labelType));
      const difference = b.op('Sub', [logits, labelLogit(b, logits, isLabel)]);
      const others = b.op('Where', [isLabel, b.scalar(0), difference]);
      const value = b.op('ReduceLogSumExp', [others, b.ints([1])], { keepdims: 0 });
      if (smoothing === 0) return value;
      const classes = b.shape(logits)?.[1] as number;
      const sum = b.op('ReduceSum', [others, b.ints([1])], { keepdims: 0 });
      return b.op('Sub', [value, b.op('Mul', [sum, b.scalar(smoothing / classes)])]);
    },
  });
}

/** max_{k≠y} z_k − z_y: positive where the label is left. */
export function margin(): Objective {
  return standard({
    key: 'margin',
    build: (b, { logits }, given) => marginOf(b, logits, given('labels', labelType)),
  });
}

function marginOf(b: GraphBuilder, logits: string, labels: string): string {
  const isLabel = labelMask(b, logits, labels);
  const own = b.op('Squeeze', [labelLogit(b, logits, isLabel), b.ints([1])]);
  const others = b.op('Where', [isLabel, b.scalar(-3.4e38), logits]);
  const best = b.op('ReduceMax', [others, b.ints([1])], { keepdims: 0 });
  return b.op('Sub', [best, own]);
}

/** Fewest classes that an objective is defined for. */
export const classesFor = { dlr: 3, 'dlr-targeted': 4 } as const;

/**
 * Difference of logits ratio: the margin over z₍₁₎ − z₍₃₎, the largest less the third largest logit, so that neither a
 * shift nor a scale of the logits changes it (Croce and Hein 2020, arXiv:2003.01690, eq. 6, with the sign turned round).
 * @param options.towards for classes to reach: over z₍₁₎ − (z₍₃₎ + z₍₄₎)/2, which even the least likely class is not all of
 */
export function dlr({ towards = false } = {}): Objective {
  return standard({
    key: `dlr(${towards})`,
    // Where the label is third it is 1, whatever the logits.
    flat: !towards,
    build(b, { logits }, given) {
      const value = marginOf(b, logits, given('labels', labelType));
      return b.op('Div', [value, spreadOf(b, logits, towards ? spreadOfTargets : [1, 0, -1])]);
    },
  });
}

const spreadOfTargets = [1, 0, -0.5, -0.5];

/**
 * (z_t − z_y) / (z₍₁₎ − (z₍₃₎ + z₍₄₎)/2), from the class `labels` to the class `targets` (arXiv:2003.01690, eq. 7, with the
 * sign turned round).
 */
export function dlrTargeted(): Objective {
  return standard({
    key: 'dlr-targeted',
    build: (b, { logits }, given) =>
      b.op('Div', [differenceOf(b, logits, given), spreadOf(b, logits, spreadOfTargets)]),
  });
}

/** z_t − z_y, from the class `labels` to the class `targets`: what is 0 on the border between two classes. */
export function difference(): Objective {
  return standard({
    key: 'difference',
    build: (b, { logits }, given) => differenceOf(b, logits, given),
  });
}

function differenceOf(
  b: GraphBuilder,
  logits: string,
  given: (name: string, type: ValueType) => string,
): string {
  return b.op('Sub', [
    logitOf(b, logits, given('targets', labelType)),
    logitOf(b, logits, given('labels', labelType)),
  ]);
}

/** A sum of the largest logits with these weights, [N], never 0. */
function spreadOf(b: GraphBuilder, logits: string, weights: readonly number[]): string {
  const size = weights.length;
  const [top] = b.node('TopK', [logits, b.ints([size])], { axis: 1, largest: 1, sorted: 1 }, { outputs: 2 });
  const factors = b.constant(tensor(Float32Array.from(weights), [size, 1]), 'weights');
  const spread = b.op('Squeeze', [b.op('MatMul', [top, factors]), b.ints([1])]);
  return b.op('Add', [spread, b.scalar(1e-12)]);
}

/** Where softmax has 1 in float32, or nearly: by how much the margin must exceed it. */
const sure = 12;

/**
 * max_{k≠y} p_k − p_y, the margin of probabilities (arXiv:2411.15210, section 3). Where a class is sure its gradient is
 * lost in rounding: there the margin of the logits stands in its place, moved so that it goes on where the other ends.
 */
export function probabilityMargin(): Objective {
  return standard({
    key: 'probability-margin',
    build(b, { logits }, given) {
      const labels = given('labels', labelType);
      const ofLogits = marginOf(b, logits, labels);
      const ofShares = marginOf(b, b.op('Softmax', [logits], { axis: 1 }), labels);
      const beyond = b.op('Greater', [b.op('Abs', [ofLogits]), b.scalar(sure)]);
      const moved = b.op('Mul', [b.op('Sign', [ofLogits]), b.scalar(sure - 1)]);
      return b.op('Where', [beyond, b.op('Sub', [ofLogits, moved]), ofShares]);
    },
  });
}

/**
 * −z_y: the logit itself, which has no part that vanishes where the class is sure (Zhao et al. 2020, arXiv:2012.11207,
 * section 3.2).
 */
export function logit(): Objective {
  return standard({
    key: 'logit',
    build: (b, { logits }, given) => b.op('Neg', [logitOf(b, logits, given('labels', labelType))]),
  });
}

/** Σ z_k, whose gradient less that of one logit is that of all others. */
export function logitSum(): Objective {
  return standard({
    key: 'logit-sum',
    build: (b, { logits }) => b.op('ReduceSum', [logits, b.ints([1])], { keepdims: 0 }),
  });
}

/**
 * Carlini and Wagner's f of the margin: −max(z_y − max_{k≠y} z_k, −κ) (arXiv:1608.04644, f₆), to be ascended; flat once
 * the margin of the attacker is κ.
 * @param options.towards for classes to reach: max(max_{k≠t} z_k − z_t, −κ), to be descended
 */
export function carliniWagner({ confidence = 0, towards = false } = {}): Objective {
  return standard({
    key: `carlini-wagner(${confidence}, ${towards})`,
    flat: true,
    build(b, { logits }, given) {
      const value = marginOf(b, logits, given('labels', labelType));
      return towards
        ? b.op('Max', [value, b.scalar(-confidence)])
        : b.op('Min', [value, b.scalar(confidence)]);
    },
  });
}

/** Labels as an objective takes them. */
export function labelTensor(labels: ArrayLike<number>): Tensor<'int64'> {
  return int64(labels);
}
