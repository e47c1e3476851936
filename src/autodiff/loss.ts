import type { Node } from '../onnx/index.ts';
import { intAttribute, onnxType, stringAttribute } from '../onnx/index.ts';
import { add, div, mul, neg, reduceSum, select } from './emit.ts';
import { shapeKnown } from './indexing.ts';
import type { BackwardContext } from './rule.ts';

/** What the losses over labels share: labels [N, ...] against values [N, C, ...]. */
export interface Labelled {
  /** 1 at each label, [N, C, ...]. */
  readonly onehot: string;
  /** Gradient of each element's own loss, [N, 1, ...]: 0 where the label is ignored. */
  readonly share: string;
  /** Gradient of each element's loss times its weight, [N, 1, ...]: 0 where the label is ignored. */
  readonly weighted: string;
}

export function labelled({ b, node, x, dy }: BackwardContext): Labelled {
  const [values, labels, weights = ''] = x as [string, string, ...string[]];
  const dtype = b.dtype(values);
  const ignored = node.attributes['ignore_index'];
  const skip =
    ignored === undefined
      ? undefined
      : b.op('Equal', [labels, b.scalar(intAttribute(node, 'ignore_index', 0), b.dtype(labels))]);
  const known = skip === undefined ? labels : b.op('Where', [skip, b.scalar(0, b.dtype(labels)), labels]);
  const classes = b.op('Shape', [values], { start: 1, end: 2 });
  const offOn = b.op('Cast', [b.floats([0, 1])], { to: onnxType(dtype) });
  const onehot = b.op('OneHot', [known, classes, offOn], { axis: 1 });
  const unless = (t: string): string =>
    skip === undefined ? t : b.op('Where', [skip, b.scalar(0, dtype), t]);
  const kept = unless(b.op('Expand', [b.scalar(1, dtype), b.op('Shape', [labels])]));
  const weight = weights === '' ? kept : unless(b.op('Gather', [weights, known]));
  const g = isMean(node) ? div(b, dy[0] as string, b.op('ReduceSum', [weight], { keepdims: 0 })) : dy[0];
  const column = (t: string): string => b.op('Unsqueeze', [mul(b, g as string, t), b.ints([1])]);
  return { onehot, share: column(weight), weighted: column(kept) };
}

/**
 * Gradient of the class weights, [C]. The loss Σ w·ℓ has ℓ at the label, the mean Σ w·ℓ / Σ w has
 * (ℓ − mean) / Σ w.
 * @param gains −ℓ of every class, [N, C, ...]
 */
export function weightsGradient({ b, node, y }: BackwardContext, labels: Labelled, gains: string): string {
  const atLabel = b.op('Cast', [labels.onehot], { to: onnxType('bool') });
  const below = isMean(node) ? add(b, gains, y[0] as string) : gains;
  // Chosen, not multiplied: 0 times the infinite loss of another class is no number.
  const each = neg(b, select(b, atLabel, mul(b, below, labels.weighted)));
  const axes = shapeKnown(b, gains).flatMap((_, i) => (i === 1 ? [] : [i]));
  return reduceSum(b, each, axes, false);
}

function isMean(node: Node): boolean {
  return stringAttribute(node, 'reduction', 'mean') === 'mean';
}
