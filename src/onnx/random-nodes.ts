import type { AnyTensor } from '../tensor/index.ts';
import { numbers } from '../tensor/index.ts';
import type { Node } from './graph.ts';

/** The constant that a tensor is, if it is one. */
export type ConstantOf = (name: string) => AnyTensor | undefined;

const drawing: ReadonlySet<string> = new Set(
  'Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike'.split(' '),
);

/**
 * Whether a node draws random numbers when it runs; undefined for a Dropout of which that is not known, because its
 * mode or its ratio is no constant. Dropout is in the form of opset 12 or newer: one of an older opset never draws.
 */
export function drawsNumbers(node: Node, constant: ConstantOf): boolean | undefined {
  if (node.domain !== '') return false;
  if (drawing.has(node.op)) return true;
  if (node.op !== 'Dropout' || (node.inputs[2] ?? '') === '') return false;
  const [mode, ratio] = [firstOf(constant(node.inputs[2] as string)), dropoutRatio(node, constant)];
  if (mode === 0 || ratio === 0) return false;
  return mode === undefined || ratio === undefined ? undefined : true;
}

/** The share of elements that a Dropout drops in training; undefined where it is no constant. */
export function dropoutRatio(node: Node, constant: ConstantOf): number | undefined {
  const name = node.inputs[1] ?? '';
  return name === '' ? 0.5 : firstOf(constant(name));
}

function firstOf(value: AnyTensor | undefined): number | undefined {
  return value === undefined ? undefined : numbers(value)[0];
}
