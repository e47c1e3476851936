import type { Graph, Node, ValueInfo } from '../onnx/index.ts';
import { GraphBuilder, inline, intAttribute, nodeLabel, reads } from '../onnx/index.ts';
import { AdvarenaError, numbers, sizeOf } from '../tensor/index.ts';
import { differentiablePath, operatorOf, passesIntegers } from './path.ts';
import { prepare } from './prepare.ts';
import { rules } from './rules/index.ts';

/** What the catalog of rules says of an operator. */
export type Differentiability = 'rule' | 'zero' | 'missing';

export interface OperatorUse {
  readonly operator: string;
  readonly count: number;
  readonly gradient: Differentiability;
  /** Why the gradient is zero. */
  readonly reason?: string;
}

export interface Blocker {
  readonly node: string;
  readonly operator: string;
  readonly remedy: string;
}

export interface ZeroPath {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

/** Something that changes how figures about the model may be read. */
export interface InspectionFlag {
  readonly code: 'SOFTMAX_OUTPUT' | 'RANDOM' | 'BATCH_COUPLED' | 'FIXED_BATCH';
  readonly message: string;
}

/** Plain data about a model: what it is made of and whether its gradient can be had. */
export interface Inspection {
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Elements of all constants of a float type. */
  readonly parameters: number;
  /** Most frequent first. */
  readonly operators: readonly OperatorUse[];
  /** Whether `gradient` will find a rule for every node on the way from `wrt` to `of`. */
  readonly differentiable: boolean;
  readonly blocking: readonly Blocker[];
  readonly zeroPaths: readonly ZeroPath[];
  readonly flags: readonly InspectionFlag[];
}

/**
 * Looks at a model as {@link gradient} would see it: functions and decided branches inlined, upgraded.
 * @param options.of the output to differentiate; the first by default
 * @param options.wrt the tensor with respect to which; the first input by default
 * @throws AdvarenaError GRAPH_NAME if `of` or `wrt` names no tensor
 */
export function inspect(graph: Graph, options: { of?: string; wrt?: string } = {}): Inspection {
  const of = options.of ?? graph.outputs[0]?.name;
  const wrt = options.wrt ?? graph.inputs[0]?.name;
  const ends = [of, wrt].filter((n) => n !== undefined);
  const flat = inline(graph, ends);
  const b = new GraphBuilder(prepare(graph, ends));
  for (const name of [of, wrt])
    if (name !== undefined && b.type(name) === undefined && !b.nodes.some((n) => n.outputs.includes(name)))
      throw new AdvarenaError('GRAPH_NAME', `The graph has no tensor "${name}".`, {
        remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}; its outputs ${graph.outputs.map((o) => o.name).join(', ')}.`,
      });
  const path =
    of === undefined || wrt === undefined ? new Set<string>() : differentiablePath(b.nodes, b, [wrt], of);
  const onPath = b.nodes.filter(
    (n) => reads(n).some((i) => path.has(i)) && n.outputs.some((o) => path.has(o)),
  );
  const blocking = onPath
    .filter((n) => blocks(b, n))
    .map((n) => ({
      node: nodeLabel(n),
      operator: operatorOf(n),
      remedy: rules.has(operatorOf(n))
        ? 'Its rule does not cover this use: ask for the gradient to see why, or pass a rule for it in overrides.'
        : `Pass a rule for it in overrides, or add src/autodiff/rules/${operatorOf(n)}.ts.`,
    }));
  return {
    opset: graph.opsets.get('') ?? 0,
    inputs: graph.inputs,
    outputs: graph.outputs,
    parameters: countParameters(graph),
    operators: countOperators(flat.nodes),
    differentiable: blocking.length === 0 && (of === wrt || (of !== undefined && path.has(of))),
    blocking,
    zeroPaths: zeroNodes(b, of, wrt),
    flags: flagsOf(graph, flat, b, of),
  };
}

/** What is still to be rewritten after preparing has no form that could be. */
function blocks(b: GraphBuilder, node: Node): boolean {
  const rule = rules.get(operatorOf(node));
  return rule === undefined || rule.rewrite !== undefined || !passesIntegers(b, node);
}

function differentiability(node: Node): Pick<OperatorUse, 'gradient' | 'reason'> {
  const rule = rules.get(operatorOf(node));
  if (rule === undefined) return { gradient: 'missing' };
  return rule.zero === undefined ? { gradient: 'rule' } : { gradient: 'zero', reason: rule.zero };
}

function countOperators(nodes: readonly Node[]): OperatorUse[] {
  const uses = new Map<string, OperatorUse>();
  for (const n of nodes) {
    const operator = operatorOf(n);
    uses.set(operator, { operator, count: (uses.get(operator)?.count ?? 0) + 1, ...differentiability(n) });
  }
  return [...uses.values()].toSorted((p, q) => q.count - p.count || (p.operator < q.operator ? -1 : 1));
}

function countParameters(graph: Graph): number {
  let count = 0;
  for (const t of graph.initializers.values())
    if (['float32', 'float64', 'float16', 'bfloat16'].includes(t.dtype)) count += sizeOf(t.shape);
  return count;
}

/** Nodes between `wrt` and `of`, integer ones included, at which the gradient ends by decision. */
function zeroNodes(b: GraphBuilder, of: string | undefined, wrt: string | undefined): ZeroPath[] {
  const dependent = new Set([wrt]);
  for (const n of b.nodes)
    if (reads(n).some((i) => dependent.has(i))) for (const o of n.outputs) dependent.add(o);
  const leading = new Set([of]);
  for (const n of b.nodes.toReversed())
    if (n.outputs.some((o) => leading.has(o))) for (const i of reads(n)) leading.add(i);
  const out: ZeroPath[] = [];
  for (const n of b.nodes) {
    const rule = rules.get(operatorOf(n));
    if (rule?.zero === undefined || !n.outputs.some((o) => leading.has(o))) continue;
    if (reads(n).some((i) => dependent.has(i)))
      out.push({ node: nodeLabel(n), operator: operatorOf(n), reason: rule.zero });
  }
  return out;
}

const randomOperators: ReadonlySet<string> = new Set(
  'RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial'.split(' '),
);

function flagsOf(graph: Graph, flat: Graph, b: GraphBuilder, of: string | undefined): InspectionFlag[] {
  const flags: InspectionFlag[] = [];
  const last = lastOperator(flat.nodes, of);
  if (last !== undefined && ['Softmax', 'Sigmoid'].includes(last.op))
    flags.push({
      code: 'SOFTMAX_OUTPUT',
      message: `The output comes out of ${nodeLabel(last)}: its gradient vanishes where the model is sure. Attack the tensor "${last.inputs[0]}" before it.`,
    });
  const random = b.nodes.find((n) => randomOperators.has(n.op) || (n.op === 'Dropout' && trainingMode(b, n)));
  if (random !== undefined)
    flags.push({
      code: 'RANDOM',
      message: `${nodeLabel(random)} draws random numbers in the graph: two runs of one image differ.`,
    });
  const coupled = b.nodes.find((n) => couplesBatch(b, n, graph));
  if (coupled !== undefined)
    flags.push({
      code: 'BATCH_COUPLED',
      message: `${nodeLabel(coupled)} computes over the whole batch: an image's result depends on its neighbours.`,
    });
  const first = graph.inputs[0];
  if (first?.shape !== undefined && typeof first.shape[0] === 'number')
    flags.push({
      code: 'FIXED_BATCH',
      message: `The input "${first.name}" is fixed to ${first.shape[0]} rows: other batches run in parts of that size.`,
    });
  return flags;
}

/** The node that makes `of`, seen through operators that only rearrange. */
function lastOperator(nodes: readonly Node[], of: string | undefined): Node | undefined {
  const made = new Map(nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  let node = made.get(of ?? '');
  while (node !== undefined && ['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Cast'].includes(node.op))
    node = made.get(node.inputs[0] ?? '');
  return node;
}

function trainingMode(b: GraphBuilder, node: Node): boolean {
  const mode = b.constantValue(node.inputs[2] ?? '');
  const ratio = b.constantValue(node.inputs[1] ?? '');
  if (mode === undefined || numbers(mode)[0] === 0) return false;
  return ratio === undefined || numbers(ratio)[0] !== 0;
}

/** Statistics over the batch, where they can be seen: the first axis of the model's input, kept by name. */
function couplesBatch(b: GraphBuilder, node: Node, graph: Graph): boolean {
  if (node.op === 'BatchNormalization') return intAttribute(node, 'training_mode', 0) === 1;
  if (node.op === 'DynamicQuantizeLinear') return true;
  if (!node.op.startsWith('Reduce') || node.domain !== '') return false;
  const batch = graph.inputs[0]?.shape?.[0];
  const shape = b.shape(node.inputs[0] ?? '');
  if (typeof batch !== 'string' || shape === undefined || !shape.includes(batch)) return false;
  const axes = (node.inputs[1] ?? '') === '' ? [] : b.contents(node.inputs[1] as string);
  if (axes === undefined) return false;
  if (axes.length === 0) return intAttribute(node, 'noop_with_empty_axes', 0) === 0;
  return axes.some((a) => typeof a === 'number' && shape[a < 0 ? a + shape.length : a] === batch);
}
