import type { Graph, Node } from '../onnx/index.ts';
import { GraphBuilder, nodeLabel, prune, reads } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { addComposed } from './composed.ts';
import { expandLike, gradientType, unbroadcast, zerosLike } from './emit.ts';
import { differentiablePath, operatorOf, passesIntegers } from './path.ts';
import { risingBefore } from './pooled.ts';
import { prepare } from './prepare.ts';
import { type BackwardContext, type Rule, SizeUnknown } from './rule.ts';
import { rules } from './rules/index.ts';

export interface GradientOptions {
  /** Output (or inner tensor) whose weighted sum is differentiated. */
  of: string;
  /** Tensors, usually graph inputs, with respect to which it is. */
  wrt: readonly string[];
  /**
   * Weights of the sum: `ones` (the gradient of the plain sum, the default) or `input`, a new graph input of
   * the shape of `of`, named `cotangent`.
   */
  cotangent?: 'ones' | 'input';
  /** Outputs of the resulting graph besides the gradients; by default the graph's own. */
  keep?: readonly string[];
  /** Rules used instead of the catalog's, or where the catalog has none, by `Op` or `domain.Op`. */
  overrides?: Readonly<Record<string, Rule>>;
}

/**
 * The graph extended by the gradient of Σ of·cotangent with respect to `wrt`, in standard ONNX operators.
 *
 * Its outputs are those kept, then one gradient per name of `wrt`, in that order and in the shape of the tensor.
 * A graph below opset 18 is upgraded first, so that one form of every operator has a rule, and some operators are
 * rewritten in simpler ones: loops unrolled, quantised operators computed between DequantizeLinear and QuantizeLinear. What is
 * float16 or bfloat16 inside is computed in float32; inputs and outputs, and the gradients of inputs, keep their type.
 * @throws AdvarenaError NO_GRADIENT if an operator on the path has no rule (the node and the remedy are named),
 *   GRAPH_NAME if `of` or `wrt` names no tensor of the graph.
 */
export function gradient(graph: Graph, options: GradientOptions): Graph {
  let sizeless: AdvarenaError | undefined;
  const made = gradientDespite(graph, options, (refusal) => {
    // A size may be unknown for the sake of an operator before, which is then to be told.
    if (!(refusal instanceof SizeUnknown)) throw refusal;
    sizeless ??= refusal;
  });
  if (sizeless !== undefined) throw sizeless;
  return made;
}

/**
 * As {@link gradient}, but nodes without a gradient are told to `refused` in reverse order; if that returns, their
 * inputs take zeros, so that the walk reaches what stands before them.
 */
export function gradientDespite(
  graph: Graph,
  options: GradientOptions,
  refused: (refusal: AdvarenaError, node: Node) => void,
): Graph {
  const base = prepare(graph, [options.of, ...options.wrt], options.overrides);
  const b = new GraphBuilder(base);
  const known = new Set([
    ...base.inputs.map((i) => i.name),
    ...base.initializers.keys(),
    ...base.nodes.flatMap((n) => n.outputs),
  ]);
  for (const name of [options.of, ...options.wrt]) {
    if (!known.has(name))
      throw new AdvarenaError('GRAPH_NAME', `The graph has no tensor "${name}".`, {
        where: `graph "${graph.name}"`,
        remedy: `Its inputs are ${base.inputs.map((i) => i.name).join(', ')}; its outputs ${base.outputs.map((o) => o.name).join(', ')}.`,
      });
  }
  const forward = [...b.nodes];
  const path = differentiablePath(forward, b, options.wrt, options.of);

  const gradients = new Map<string, string>();
  const seed =
    options.cotangent === 'input'
      ? b.input('cotangent', gradientType(b, options.of), b.shape(options.of))
      : expandLike(b, b.scalar(1, gradientType(b, options.of)), options.of);
  gradients.set(options.of, seed);

  /** A contribution in the shape of what it is the gradient of, or refused. */
  const fitted = (contribution: string, name: string, node: Node): string => {
    try {
      return unbroadcast(b, contribution, name);
    } catch (thrown) {
      refused(misshapen(thrown as Error, node), node);
      return zerosLike(b, name);
    }
  };

  const rising = risingBefore(forward, [options.of, ...options.wrt]);
  for (const node of forward.toReversed()) {
    if (!node.outputs.some((o) => o !== '' && gradients.has(o) && path.has(o))) continue;
    if (!node.inputs.some((i) => path.has(i)) && !reads(node).some((i) => path.has(i))) continue;
    const needed = (name: string | undefined): boolean => name !== undefined && name !== '' && path.has(name);
    const backward = (
      of: Node,
      dy: BackwardContext['dy'],
      more: Partial<BackwardContext> = {},
    ): readonly (string | undefined)[] => {
      const needs = (i: number): boolean => needed(of.inputs[i]);
      try {
        const context = { b, node: of, opset: b.opset(of.domain), x: of.inputs, y: of.outputs, dy, needs };
        const rule = findRule(of, options.overrides, b);
        refuseUncovered(rule, of, { needs, dy, own: options.overrides?.[operatorOf(of)] === rule });
        return rule.backward({ ...context, ...more });
      } catch (thrown) {
        const error = refusal(thrown, of);
        if (error.code !== 'NO_GRADIENT') throw error;
        refused(error, of);
        return of.inputs.map((name, i) => (needs(i) ? zerosLike(b, name) : undefined));
      }
    };
    let dy = node.outputs.map((o) => gradients.get(o));
    const before = rising.get(node);
    if (before !== undefined) dy = [backward(before, dy, { x: node.outputs, y: node.outputs })[0]];
    const found = backward(node, dy, { gated: before?.op === 'Relu' });
    for (const [i, name] of (before ?? node).inputs.entries()) {
      const contribution = found[i];
      if (contribution === undefined || !needed(name)) continue;
      const shaped = fitted(contribution, name, node);
      // Rules look at sizes, and the runtime keeps its blocked layout only where it knows them to be equal.
      const shape = b.shape(name);
      if (shape !== undefined) b.declare(shaped, { dtype: b.dtype(shaped), shape });
      const known = gradients.get(name);
      gradients.set(name, known === undefined ? shaped : addComposed(b, known, shaped));
    }
  }

  const kept = options.keep ?? base.outputs.map((o) => o.name);
  const results = options.wrt.map((name) => {
    const g = gradients.get(name) ?? zerosLike(b, name);
    return b.node('Identity', [g], {}, { outputs: [`grad_${name}`] })[0] as string;
  });
  b.setOutputs([...kept, ...results]);
  return prune(b.finish());
}

function misshapen(cause: Error, node: Node): AdvarenaError {
  return new AdvarenaError(
    'NO_GRADIENT',
    `The gradient of ${operatorOf(node)} does not fit its input: ${cause.message}.`,
    {
      where: `node ${nodeLabel(node)}`,
      remedy: `Pass a rule for ${operatorOf(node)} in overrides, whose gradient has the shape of the input or broadcasts with it.`,
      cause,
    },
  );
}

/**
 * What a rule does not cover would be a silent zero. A rule of the caller's own is taken at its word where it says
 * nothing of inputs or outputs.
 * @throws AdvarenaError NO_GRADIENT naming the first input or output that it does not cover
 */
function refuseUncovered(
  rule: Rule,
  node: Node,
  asked: { needs: BackwardContext['needs']; dy: BackwardContext['dy']; own: boolean },
): void {
  if (rule.zero !== undefined || rule.rewrite !== undefined) return;
  const inputs = rule.inputs ?? (asked.own ? ['...'] : ['input']);
  const outputs = rule.outputs ?? (asked.own ? 'all' : [0]);
  const further = inputs.at(-1)?.endsWith('...') === true;
  const taken = (i: number): boolean =>
    (further && i >= inputs.length) || (inputs[i] ?? '') !== '' || rule.flat?.includes(i) === true;
  const input = node.inputs.findIndex((_, i) => asked.needs(i) && !taken(i));
  const output = asked.dy.findIndex((g, i) => g !== undefined && outputs !== 'all' && !outputs.includes(i));
  if (input < 0 && output < 0) return;
  const what =
    input < 0
      ? `through its output ${output}, "${node.outputs[output]}"`
      : `by its input ${input}, "${node.inputs[input]}"`;
  throw new AdvarenaError('NO_GRADIENT', `The rule for ${operatorOf(node)} gives no gradient ${what}.`, {
    where: `node ${nodeLabel(node)}`,
    remedy: `Pass a rule for ${operatorOf(node)} in overrides that does, or make that tensor a constant of the model.`,
  });
}

/** What a rule throws without a place is about inputs or attributes that contradict each other. */
function refusal(thrown: unknown, node: Node): AdvarenaError {
  if (thrown instanceof AdvarenaError) return thrown;
  const plain = !(thrown instanceof TypeError || thrown instanceof RangeError);
  const reason = plain ? `: ${(thrown as Error).message}` : '';
  return new AdvarenaError('NO_GRADIENT', `The gradient of ${operatorOf(node)} cannot be written${reason}.`, {
    where: `node ${nodeLabel(node)}`,
    remedy: 'Check the model with its exporter: what this node is given may contradict itself.',
    cause: thrown,
  });
}

function findRule(node: Node, overrides: GradientOptions['overrides'], b: GraphBuilder): Rule {
  const key = operatorOf(node);
  const own = overrides?.[key];
  if (own !== undefined) return own;
  const rule = rules.get(key);
  const integers = !passesIntegers(b, node);
  if (rule !== undefined && !integers) return rule;
  const what = integers ? `${key} between quantised tensors` : `${key} (opset ${b.opset(node.domain)})`;
  throw new AdvarenaError('NO_GRADIENT', `No gradient rule for ${what}.`, {
    where: `node ${nodeLabel(node)}`,
    remedy:
      rule === undefined
        ? `Pass a rule for it in overrides, or add src/autodiff/rules/${key}.ts.`
        : 'Export the model with QuantizeLinear and DequantizeLinear around every operator that computes.',
  });
}
