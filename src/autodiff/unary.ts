import type { GraphBuilder, Node } from '../onnx/index.ts';
import { mul } from './emit.ts';
import type { Rule, RuleFacts } from './rule.ts';
import { defineRule } from './rule.ts';

/** What the derivative of a function of one input is made from. */
export interface UnaryContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly x: string;
  readonly y: string;
  /** 1 in the type of x. */
  readonly one: string;
}

/** An elementwise function of one input: dx = dy · slope. */
export function unary(
  op: string,
  slope: (context: UnaryContext) => string,
  about: RuleFacts & { readonly domain?: string } = {},
): Rule {
  return defineRule({
    ...about,
    op,
    backward: ({ b, node, x, y, dy }) => {
      const input = x[0] as string;
      const one = b.scalar(1, b.dtype(input));
      return [mul(b, dy[0] as string, slope({ b, node, x: input, y: y[0] as string, one }))];
    },
  });
}
