import type { GraphBuilder, Node } from '../onnx/index.ts';
import { floatsAttribute, nodeLabel, stringAttribute } from '../onnx/index.ts';
import { AdvarenaError, tensor } from '../tensor/index.ts';
import { castTo, mul, reduceSum, reshapeLike, sub } from './emit.ts';
import type { Rule } from './rule.ts';
import { zeroGradient } from './rule.ts';

// What the rules of the operators for models of tables (`ai.onnx.ml`) share.

export const tables = 'ai.onnx.ml';

/** A sum of decision trees: it has no slope that a smooth operator could stand for. */
export function treeGradient(op: string): Rule {
  return zeroGradient(op, 'piecewise constant', {
    domain: tables,
    remarks: 'a sum of steps: use attacks that ask for scores or decisions',
    instead:
      'It is a sum of decision trees, for which backward passes through a surrogate (BPDA) do not apply: use attacks that ask for scores or decisions.',
  });
}

/**
 * Gradient of x for scores = transform(x·Wᵀ + intercepts).
 * @param rows of W, which the attribute `coefficients` holds one after the other
 * @param opposed whether the one row decides between two classes, of scores -s and s
 * @throws AdvarenaError NO_GRADIENT for a transform that has no formula here
 */
export function linearBackward(
  b: GraphBuilder,
  node: Node,
  {
    x,
    scores,
    dy,
    rows,
    opposed = false,
  }: { x: string; scores: string; dy: string; rows: number; opposed?: boolean },
): string {
  const own = floatsAttribute(node, 'coefficients') ?? [];
  const coefficients = Float32Array.from(opposed ? [...own.map((c) => -c), ...own] : own);
  const height = opposed ? 2 : rows;
  const weights = b.constant(tensor(coefficients, [height, coefficients.length / height]), 'coefficients');
  const d = beforeTransform(b, node, scores, dy, opposed);
  return castTo(b, reshapeLike(b, b.op('MatMul', [d, weights]), x), b.dtype(x));
}

/** The runtime leaves out the softmax of a single row of coefficients. */
function beforeTransform(b: GraphBuilder, node: Node, y: string, dy: string, opposed: boolean): string {
  const transform = stringAttribute(node, 'post_transform', 'NONE');
  const one = b.scalar(1);
  switch (transform) {
    case 'NONE':
      return dy;
    case 'LOGISTIC':
      return mul(b, dy, mul(b, y, sub(b, one, y)));
    case 'SOFTMAX':
    case 'SOFTMAX_ZERO':
      return opposed ? dy : mul(b, y, sub(b, dy, reduceSum(b, mul(b, dy, y), [-1])));
    default:
      throw new AdvarenaError('NO_GRADIENT', `No gradient for ${node.op} with the transform ${transform}.`, {
        where: `node ${nodeLabel(node)}`,
        remedy: `Pass a rule for ${node.domain}.${node.op} in overrides.`,
      });
  }
}
