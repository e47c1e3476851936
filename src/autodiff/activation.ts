import type { GraphBuilder, Node } from '../onnx/index.ts';
import { floatAttribute, floatsAttribute, nodeLabel, stringAttribute } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { add, mul, scale, sub } from './emit.ts';
import { positive } from './step.ts';

/**
 * Gradient behind the activation that the runtime's fused operators name. Only its result is known there, so that
 * Clip stops the gradient at its bounds too.
 * @throws AdvarenaError NO_GRADIENT for an activation that has no formula here
 */
export function beforeActivation(b: GraphBuilder, node: Node, y: string, dy: string): string {
  // In one list, or by names.
  const parameters = floatsAttribute(node, 'activation_params') ?? [];
  const first = (fallback: number): number =>
    floatAttribute(node, 'activation_alpha', parameters[0] ?? fallback);
  const second = (fallback: number): number =>
    floatAttribute(node, 'activation_beta', parameters[1] ?? fallback);
  const number = (v: number): string => b.scalar(v, b.dtype(y));
  const activation = stringAttribute(node, 'activation', '');
  switch (activation) {
    case '':
      return dy;
    case 'Relu':
      return mul(b, dy, positive(b, y));
    case 'LeakyRelu': {
      const alpha = first(0.01);
      return mul(b, dy, add(b, scale(b, positive(b, y), 1 - alpha), number(alpha)));
    }
    case 'Clip':
      return mul(b, dy, between(b, y, first(0), second(0)));
    case 'HardSigmoid':
      return scale(b, mul(b, dy, between(b, y, 0, 1)), first(0.2));
    case 'Sigmoid':
      return mul(b, dy, mul(b, y, sub(b, number(1), y)));
    case 'Tanh':
      return mul(b, dy, sub(b, number(1), mul(b, y, y)));
    default:
      throw new AdvarenaError('NO_GRADIENT', `No gradient rule for the fused activation ${activation}.`, {
        where: `node ${nodeLabel(node)}`,
        remedy: `Pass a rule for ${node.domain}.${node.op} in overrides.`,
      });
  }
}

/** 1 where low < y < high, else 0. */
function between(b: GraphBuilder, y: string, low: number, high: number): string {
  const number = (v: number): string => b.scalar(v, b.dtype(y));
  return mul(b, positive(b, sub(b, y, number(low))), positive(b, sub(b, number(high), y)));
}
