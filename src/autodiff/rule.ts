import type { GraphBuilder, Node } from '../onnx/index.ts';

/** What a rule sees of one node whose gradient is asked. */
export interface BackwardContext {
  /** Where the rule appends its nodes. Types and shapes of all tensors are known through it. */
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Version of the node's operator set. The standard one is at least 18 here: older graphs are upgraded first. */
  readonly opset: number;
  /** Names of the node's inputs ('' where left out) and outputs. */
  readonly x: readonly string[];
  readonly y: readonly string[];
  /** Gradient of each output; undefined where it is zero. At least one is defined. */
  readonly dy: readonly (string | undefined)[];
  /** Whether the gradient of input i is asked: it leads to what is differentiated and is of a float type. */
  readonly needs: (i: number) => boolean;
}

/**
 * How gradients pass one operator. `backward` returns one gradient per input, undefined where it is zero or not
 * asked. A gradient may have the broadcast shape of the output: the engine sums it down to the input's shape.
 * The engine adds up the contributions of several readers; a rule states only its formula.
 */
export interface Rule {
  readonly op: string;
  readonly domain: string;
  backward(context: BackwardContext): readonly (string | undefined)[];
  /** Set where the gradient is zero everywhere, with the reason. */
  readonly zero?: string;
}

export function defineRule(rule: Omit<Rule, 'domain' | 'zero'> & { domain?: string }): Rule {
  return { domain: '', ...rule };
}

/** An operator whose gradient is zero wherever it exists, by decision, with the reason. */
export function zeroGradient(op: string, reason: string, domain = ''): Rule {
  return { op, domain, zero: reason, backward: () => [] };
}
