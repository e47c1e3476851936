import type { DType } from '../tensor/index.ts';
import { scalar } from '../tensor/index.ts';
import type { GraphBuilder } from './builder.ts';
import type { Node } from './graph.ts';
import { floatAttribute } from './graph.ts';
import { dropoutRatio } from './random-nodes.ts';
import { onnxType } from './types.ts';

interface FormContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** The input of the draw. */
  readonly drawn: string;
  /** Type of the node's first output. */
  readonly dtype: DType;
}

/** What is drawn for an operator, and the tensors that its outputs are then. */
export interface RandomForm {
  readonly kind: 'normal' | 'uniform';
  readonly outputs: (context: FormContext) => readonly string[];
}

const normal: RandomForm = {
  kind: 'normal',
  outputs: (c) => [affine(c, floatAttribute(c.node, 'scale', 1), floatAttribute(c.node, 'mean', 0))],
};

/** Rounding may reach `high`, as it may in the runtime. */
const uniform: RandomForm = {
  kind: 'uniform',
  outputs: (c) => {
    const low = floatAttribute(c.node, 'low', 0);
    return [affine(c, floatAttribute(c.node, 'high', 1) - low, low)];
  },
};

/** 1 with the probability that the input holds. */
const bernoulli: RandomForm = {
  kind: 'uniform',
  outputs: ({ b, node, drawn, dtype }) => {
    const probability = castTo(b, node.inputs[0] as string, 'float32');
    return [castTo(b, b.op('Less', [drawn, probability]), dtype)];
  },
};

/**
 * By the inverse of the distribution function: how many of its steps lie at or below u times its last, so that
 * rounding in the sum never names a class of probability 0.
 */
const multinomial: RandomForm = {
  kind: 'uniform',
  outputs: ({ b, node, drawn, dtype }) => {
    const logits = castTo(b, node.inputs[0] as string, 'float32');
    const steps = b.op('CumSum', [b.op('Softmax', [logits], { axis: 1 }), b.constant(scalar(1, 'int64'))]);
    const height = b.op('Mul', [drawn, b.op('Gather', [steps, b.ints([-1])], { axis: 1 })]);
    const below = b.op('LessOrEqual', [
      b.op('Unsqueeze', [steps, b.ints([1])]),
      b.op('Unsqueeze', [height, b.ints([2])]),
    ]);
    return [b.op('ReduceSum', [castTo(b, below, dtype), b.ints([2])], { keepdims: 0 })];
  },
};

/** x·mask / (1 − ratio), the mask being where u is not below the ratio. */
const dropout: RandomForm = {
  kind: 'uniform',
  outputs: ({ b, node, drawn, dtype }) => {
    const ratio = dropoutRatio(node, (name) => b.constantValue(name)) as number;
    const mask = b.op('GreaterOrEqual', [drawn, b.scalar(ratio)]);
    const kept = b.op('Mul', [node.inputs[0], castTo(b, mask, dtype)]);
    // In float32 whatever the type, as the runtime has it.
    return [b.op('Div', [kept, b.scalar(Math.fround(1 - Math.fround(ratio)), dtype)]), mask];
  },
};

/** By operator, of those that draw. */
export const randomForms: Readonly<Record<string, RandomForm>> = {
  RandomNormal: normal,
  RandomNormalLike: normal,
  RandomUniform: uniform,
  RandomUniformLike: uniform,
  Bernoulli: bernoulli,
  Multinomial: multinomial,
  Dropout: dropout,
};

function affine({ b, drawn, dtype }: FormContext, factor: number, summand: number): string {
  const scaled = factor === 1 ? drawn : b.op('Mul', [drawn, b.scalar(factor)]);
  return castTo(b, summand === 0 ? scaled : b.op('Add', [scaled, b.scalar(summand)]), dtype);
}

function castTo(b: GraphBuilder, x: string, dtype: DType): string {
  return b.dtype(x) === dtype ? x : b.op('Cast', [x], { to: onnxType(dtype) });
}
