import type { GraphBuilder, Node } from '../onnx/index.ts';
import { intAttribute, multiplyDims, normalizeAxis, onnxType } from '../onnx/index.ts';
import { div, scale } from './emit.ts';
import type { Rule, RuleFacts } from './rule.ts';
import { defineRule } from './rule.ts';

/** What the gradient of a reduction is made from; y and dy broadcast against x. */
export interface ReductionContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly x: string;
  readonly y: string;
  readonly dy: string;
  /** Sums, or takes the largest, over the reduced axes of a tensor of the shape of x, keeping them. */
  readonly reduce: (op: string, t: string) => string;
}

/** A reduction whose gradient is made by `backward`; it may broadcast, the engine expands it. */
export function reductionRule(
  op: string,
  backward: (context: ReductionContext) => string,
  about: RuleFacts = {},
): Rule {
  return defineRule({
    ...about,
    op,
    backward: ({ b, node, x, y, dy }) => {
      const axes = x[1] ?? '';
      const noop = intAttribute(node, 'noop_with_empty_axes', 0);
      const reduce = (inner: string, t: string): string =>
        b.op(inner, [t, axes], { keepdims: 1, noop_with_empty_axes: noop });
      const kept = intAttribute(node, 'keepdims', 1) === 1 || axes === '' || b.contents(axes)?.length === 0;
      const widen = (t: string): string => (kept ? t : b.op('Unsqueeze', [t, axes]));
      const [input, output, g] = [x[0] as string, y[0] as string, dy[0] as string];
      return [backward({ b, node, x: input, y: widen(output), dy: widen(g), reduce })];
    },
  });
}

/** `dy` divided by the number of elements of `x` for each of `y`: along `axes` (all if empty) where they are known. */
export function shareOf(
  b: GraphBuilder,
  dy: string,
  x: string,
  y: string,
  axes: readonly number[] | undefined,
): string {
  const shape = b.shape(x);
  if (shape !== undefined && axes !== undefined) {
    const reduced = new Set(axes.map((a) => normalizeAxis(a, shape.length)));
    const count = multiplyDims(shape.filter((_, i) => reduced.size === 0 || reduced.has(i)));
    if (typeof count === 'number') return scale(b, dy, 1 / count);
  }
  const count = b.op('Div', [b.op('Size', [x]), b.op('Size', [y])]);
  return div(b, dy, b.op('Cast', [count], { to: onnxType(b.dtype(x)) }));
}

/** ReduceMax and ReduceMin: dy goes to the elements that reach y, in equal parts where several do. */
export function extremeRule(op: string): Rule {
  return reductionRule(
    op,
    ({ b, x, y, dy, reduce }) => {
      const reached = b.op('Cast', [b.op('Equal', [x, y])], { to: onnxType(b.dtype(x)) });
      return b.op('Mul', [reached, div(b, dy, reduce('ReduceSum', reached))]);
    },
    { remarks: 'equal extremes share' },
  );
}

/** x / y where y is not 0, else 0: as the gradient of a norm at the origin. */
export function safeDiv(b: GraphBuilder, x: string, y: string): string {
  const zero = b.op('Equal', [y, b.scalar(0, b.dtype(y))]);
  return div(b, x, b.op('Where', [zero, b.scalar(1, b.dtype(y)), y]));
}
