import { intAttribute, onnxType, stringAttribute } from '../onnx/index.ts';
import { int64 } from '../tensor/index.ts';
import { div, mul } from './emit.ts';
import type { BackwardContext } from './rule.ts';

/** What the losses over labels share: labels [N, ...] against values [N, C, ...]. */
export interface Labelled {
  /** 1 at each label, [N, C, ...]. */
  readonly onehot: string;
  /** Gradient of each element's own loss, [N, 1, ...]: 0 where the label is ignored. */
  readonly share: string;
}

export function labelled({ b, node, x, dy }: BackwardContext): Labelled {
  const [values, labels, weights = ''] = x as [string, string, ...string[]];
  const g = dy[0] as string;
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
  const one = b.scalar(1, dtype);
  const own =
    weights === '' ? b.op('Expand', [one, b.op('Shape', [labels])]) : b.op('Gather', [weights, known]);
  const weight = skip === undefined ? own : b.op('Where', [skip, b.scalar(0, dtype), own]);
  const mean = stringAttribute(node, 'reduction', 'mean') === 'mean';
  const each = mean ? div(b, weight, b.op('ReduceSum', [weight], { keepdims: 0 })) : weight;
  return { onehot, share: b.op('Unsqueeze', [mul(b, g, each), b.constant(int64([1]))]) };
}
