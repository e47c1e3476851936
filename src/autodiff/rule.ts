import type { GraphBuilder, Node } from '../onnx/index.ts';
import { concrete, nodeLabel } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** NO_GRADIENT for want of a size that the graph leaves free: with the input's sizes given there may be one. */
export class SizeUnknown extends AdvarenaError {
  constructor(message: string, where: string, remedy: string) {
    super('NO_GRADIENT', message, { where, remedy });
  }
}

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
  /** Whether dy[0] is zero wherever y[0] is not above zero. */
  readonly gated?: boolean;
  /** Whether the gradient of input i is asked: it leads to what is differentiated and is of a float type. */
  readonly needs: (i: number) => boolean;
}

/** What a rewriting sees of one node. */
export interface RewriteContext {
  /** Where it appends its nodes. */
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly opset: number;
  /** The tensors that each sequence known so far consists of, by the sequence's name. */
  readonly sequences: Map<string, readonly string[]>;
}

/**
 * How gradients pass one operator. `backward` returns one gradient per input, undefined where it is zero or not
 * asked. A gradient may have the broadcast shape of the output: the engine sums it down to the input's shape.
 * The engine adds up the contributions of several readers; a rule states only its formula.
 */
export interface Rule extends RuleFacts {
  readonly op: string;
  readonly domain: string;
  backward(context: BackwardContext): readonly (string | undefined)[];
  /** Set where the gradient is zero everywhere, with the reason. */
  readonly zero?: string;
  /**
   * The node in operators that have rules, differentiated in its place: returns the last nodes, which make its
   * outputs, or undefined where this node has no such form.
   */
  rewrite?(context: RewriteContext): readonly Node[] | undefined;
  /** What a node without such a form lacks: `a constant trip count`. */
  readonly needs?: string;
}

/** What docs/op-support.md tells of a rule beside its operator. */
export interface RuleFacts {
  /** The opset that introduced the operator, where that is after 7. */
  readonly since?: number;
  /**
   * Names of the inputs that take a gradient, by position: empty for one that takes none, with `...` behind the name
   * for all further ones. The first alone by default. A gradient of others is refused where it is asked.
   */
  readonly inputs?: readonly string[];
  /** Positions of inputs with the gradient zero: their type alone counts, or their values in steps. */
  readonly flat?: readonly number[];
  /** Positions of the outputs whose gradient it takes; the first alone by default. That of others is refused. */
  readonly outputs?: readonly number[] | 'all';
  /** The value chosen where the derivative does not exist, what counts as constant, what is refused. */
  readonly remarks?: string;
  /** Where the gradient is zero and no smooth operator can stand in: what to do instead, in sentences. */
  readonly instead?: string;
  /** The ways in which the gradient is written, where there are several: `Pad: known bounds`. */
  readonly formulations?: readonly string[];
}

/**
 * A rule of one's own, for `overrides` of {@link gradient} or for the catalog.
 * @param rule.domain the standard operators' by default
 */
export function defineRule(
  rule: Pick<Rule, 'op' | 'backward'> & RuleFacts & { readonly domain?: string },
): Rule {
  return { domain: '', ...rule };
}

/** An operator whose gradient is zero wherever it exists, by decision, with the reason. */
export function zeroGradient(
  op: string,
  reason: string,
  about: RuleFacts & { readonly domain?: string } = {},
): Rule {
  return { domain: '', ...about, op, zero: reason, backward: () => [] };
}

/**
 * An operator that is differentiated as the operators it stands for.
 * @param needs what a node without such a form lacks, for the message: `a constant trip count`
 */
export function rewriteRule(
  rule: RuleFacts & {
    op: string;
    domain?: string;
    needs?: string;
    rewrite: NonNullable<Rule['rewrite']>;
  },
): Rule {
  const { op, domain = '', needs = 'the shapes of its operands' } = rule;
  return {
    ...rule,
    domain,
    needs,
    backward: ({ b, node }) => {
      const message = `The gradient of ${op} needs ${needs}.`;
      const where = `node ${nodeLabel(node)}`;
      const remedy = `Pass a rule for ${domain === '' ? op : `${domain}.${op}`} in overrides.`;
      const sized = node.inputs.every((i) => i === '' || concrete(b.shape(i)?.slice(1)) !== undefined);
      if (!sized) throw new SizeUnknown(message, where, remedy);
      throw new AdvarenaError('NO_GRADIENT', message, { where, remedy });
    },
  };
}
