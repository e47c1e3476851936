import type { GraphBuilder } from '../onnx/index.ts';

/** One parameter w in a step graph. */
export interface UpdateContext {
  readonly b: GraphBuilder;
  readonly parameter: string;
  readonly gradient: string;
  /** The optimizer's tensors for this parameter, in the order of `slots`. */
  readonly slots: readonly string[];
  /** Scalars of the step, by name. */
  readonly scalars: Readonly<Record<string, string>>;
  /** Whether weight decay applies to this parameter. */
  readonly decays: boolean;
}

/** An update rule as graph nodes. */
export interface Optimizer {
  /** Tells two optimizers apart: name and options. */
  readonly key: string;
  /** Tensors of the parameter's shape that it keeps for each parameter, zeros at first. */
  readonly slots: readonly string[];
  /**
   * Numbers that differ from step to step, worked out in float64.
   * @param step from 0
   * @param rate learning rate of the step
   */
  scalars(step: number, rate: number): Readonly<Record<string, number>>;
  /** Appends the update. @returns names of the new parameter and the new slots */
  update(context: UpdateContext): { parameter: string; slots: readonly string[] };
}

/**
 * Stochastic gradient descent with momentum. With learning rate η: g ← g + decay·w; v ← momentum·v + g (no
 * dampening, v = 0 at first); w ← w − η·v, with Nesterov w ← w − η·(g + momentum·v) (Sutskever et al. 2013, in the
 * form that reads gradients at w). Decay is the gradient's, so that it passes through the momentum.
 * @param options momentum 0.9, nesterov false and decay 0 by default
 */
export function sgd(options: { momentum?: number; nesterov?: boolean; decay?: number } = {}): Optimizer {
  const { momentum = 0.9, nesterov = false, decay = 0 } = options;
  return {
    key: `sgd(${momentum},${nesterov},${decay})`,
    slots: momentum === 0 ? [] : ['velocity'],
    scalars: (_, rate) => ({ rate }),
    update({ b, parameter, gradient, slots, scalars, decays }) {
      const g = decays ? withDecay(b, gradient, parameter, decay) : gradient;
      const rate = scalars['rate'] as string;
      const velocity = slots[0];
      if (velocity === undefined) return { parameter: descend(b, parameter, rate, g), slots: [] };
      const v = b.op('Add', [scaled(b, velocity, momentum), g]);
      const direction = nesterov ? b.op('Add', [g, scaled(b, v, momentum)]) : v;
      return { parameter: descend(b, parameter, rate, direction), slots: [v] };
    },
  };
}

export interface AdamOptions {
  /** β₁, 0.9 by default. */
  beta1?: number;
  /** β₂, 0.999 by default. */
  beta2?: number;
  /** ε, 1e-8 by default; added to the corrected root, outside it. */
  epsilon?: number;
  decay?: number;
}

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1). At step t from 1, with learning rate η:
 * g ← g + decay·w (0 by default); m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − η·m̂/(√v̂ + ε), with the bias
 * corrections m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adaptive('adam', options, options.decay ?? 0, 0);
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2): Adam without decay in the gradient; instead
 * w ← w − η·decay·w − η·m̂/(√v̂ + ε), both from the w before the step, η the scheduled rate. Decay is 0.01 by default.
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adaptive('adamw', options, 0, options.decay ?? 0.01);
}

function adaptive(name: string, options: AdamOptions, coupled: number, decoupled: number): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    key: `${name}(${beta1},${beta2},${epsilon},${coupled + decoupled})`,
    slots: ['mean', 'square'],
    scalars: (step, rate) => ({
      rate: rate / (1 - beta1 ** (step + 1)),
      root: 1 / Math.sqrt(1 - beta2 ** (step + 1)),
      ...(decoupled === 0 ? {} : { keep: 1 - rate * decoupled }),
    }),
    update({ b, parameter, gradient, slots, scalars, decays }) {
      const [mean, square] = slots as [string, string];
      const g = decays ? withDecay(b, gradient, parameter, coupled) : gradient;
      const m = b.op('Add', [scaled(b, mean, beta1), scaled(b, g, 1 - beta1)]);
      const v = b.op('Add', [scaled(b, square, beta2), scaled(b, b.op('Mul', [g, g]), 1 - beta2)]);
      const root = b.op('Mul', [b.op('Sqrt', [v]), scalars['root']]);
      const direction = b.op('Div', [m, b.op('Add', [root, b.scalar(epsilon)])]);
      const keep = decays ? scalars['keep'] : undefined;
      const kept = keep === undefined ? parameter : b.op('Mul', [parameter, keep]);
      return { parameter: descend(b, kept, scalars['rate'] as string, direction), slots: [m, v] };
    },
  };
}

function descend(b: GraphBuilder, from: string, rate: string, direction: string): string {
  return b.op('Sub', [from, b.op('Mul', [direction, rate])]);
}

function withDecay(b: GraphBuilder, gradient: string, parameter: string, decay: number): string {
  return decay === 0 ? gradient : b.op('Add', [gradient, scaled(b, parameter, decay)]);
}

function scaled(b: GraphBuilder, x: string, factor: number): string {
  return b.op('Mul', [x, b.scalar(factor)]);
}
