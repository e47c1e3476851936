import type { Graph, Node, ValueInfo } from '../onnx/index.ts';
import {
  beforeMaps,
  between,
  GraphBuilder,
  inline,
  nodeLabel,
  prune,
  reads,
  replacedByUpgrade,
  upgrade,
} from '../onnx/index.ts';
import { AdvarenaError, sizeOf } from '../tensor/index.ts';
import type { Cost } from './cost.ts';
import { constantBytes, costOf } from './cost.ts';
import type { InspectionFlag } from './flags.ts';
import { flagsOf, passes } from './flags.ts';
import { gradientDespite } from './gradient.ts';
import { defaultOutput, differentiablePath, operatorOf } from './path.ts';
import { prepare } from './prepare.ts';
import { SizeUnknown } from './rule.ts';
import { rules } from './rules/index.ts';

/** What the catalog of rules says of an operator. */
export type Differentiability = 'rule' | 'zero' | 'missing';

export interface OperatorUse {
  readonly operator: string;
  readonly count: number;
  /** How many of them the gradient passes. */
  readonly onPath: number;
  readonly gradient: Differentiability;
  /** Why the gradient is zero. */
  readonly reason?: string;
}

export interface Blocker {
  readonly node: string;
  readonly operator: string;
  readonly why: string;
  readonly remedy: string;
  /** Set where sizes are wanting that a graph may leave free. */
  readonly lacksSizes?: true;
}

/** An input whose free sizes must be given before there is a gradient. */
export interface MissingSizes {
  readonly input: string;
  /** Positions of the axes behind the first whose size is free. */
  readonly axes: readonly number[];
}

export interface ZeroPath {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

/** Plain data about a model: what it is made of, whether its gradient can be had, what one image costs. */
export interface Inspection {
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly (ValueInfo & {
    /** The tensor of which maps by class are made, where it is such a sequence. */
    readonly maps?: string;
  })[];
  /** Elements of all constants of a float type. */
  readonly parameters: number;
  /** Bytes of all constants. */
  readonly bytes: number;
  /** Of the graph with functions and decided branches inlined, not upgraded yet. Most frequent first. */
  readonly operators: readonly OperatorUse[];
  /** Nodes by what the catalog of rules says of their operators. */
  readonly coverage: Readonly<Record<Differentiability, number>>;
  /** The ends of the gradient and how many nodes it passes, of those that `operators` counts. */
  readonly path: {
    readonly of: string | undefined;
    readonly wrt: string | undefined;
    readonly nodes: number;
  };
  /** Whether `gradient` succeeds for `wrt` and `of`, and `of` depends on `wrt`. */
  readonly differentiable: boolean;
  /** All nodes that `gradient` refuses, in the graph's order. */
  readonly blocking: readonly Blocker[];
  /** What must be given first, where nodes lack sizes that inputs leave free. */
  readonly missingSizes: readonly MissingSizes[];
  /** Nodes at which the gradient ends by decision. */
  readonly zeroPaths: readonly ZeroPath[];
  readonly flags: readonly InspectionFlag[];
  readonly cost: {
    /** Missing where the shape of `unknown` is not known. */
    readonly forward?: Cost;
    /** Of the graph that computes the gradient and no output; missing too where that is blocked. */
    readonly gradient?: Cost;
    /** A tensor without which cost cannot be told. */
    readonly unknown?: string;
  };
}

/**
 * Looks at a model as {@link gradient} would see it: functions and decided branches inlined, upgraded.
 * @param options.of the output to differentiate; the first of a float type by default. Of a sequence of maps (ZipMap)
 *   the tensor that it is made of
 * @param options.wrt the tensor with respect to which; the first input by default
 * @throws AdvarenaError GRAPH_NAME if `of` or `wrt` names no tensor
 */
export function inspect(graph: Graph, options: { of?: string; wrt?: string } = {}): Inspection {
  const of = options.of === undefined ? defaultOutput(graph) : beforeMaps(graph, options.of);
  const wrt = options.wrt ?? graph.inputs[0]?.name;
  const ends = [of, wrt].filter((n) => n !== undefined);
  const flat = inline(graph, ends);
  const prepared = prepare(graph, ends);
  const b = new GraphBuilder(prepared);
  for (const name of [of, wrt])
    if (name !== undefined && b.type(name) === undefined && !b.nodes.some((n) => n.outputs.includes(name)))
      throw new AdvarenaError('GRAPH_NAME', `The graph has no tensor "${name}".`, {
        remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}; its outputs ${graph.outputs.map((o) => o.name).join(', ')}.`,
      });
  const path =
    of === undefined || wrt === undefined ? new Set<string>() : differentiablePath(b.nodes, b, [wrt], of);
  const depends = of !== undefined && wrt !== undefined && path.has(of);
  const { refusals, derived } = depends ? attempt(graph, of, wrt) : { refusals: [], derived: undefined };
  const onTheWay = of === undefined || wrt === undefined ? [] : between(b.nodes, [wrt], [of]).nodes;
  const sizeless = refusals.some(({ refusal }) => refusal instanceof SizeUnknown);
  const missingSizes = sizeless ? freeSizes(prepared, of) : [];
  // Preparing takes tensors away and puts others there: the file's own nodes are counted by their own.
  const own = depends ? differentiablePath(flat.nodes, new GraphBuilder(upgrade(flat)), [wrt], of) : path;
  const operators = countOperators(flat.nodes, own);
  const covered = (kind: Differentiability): number =>
    operators.reduce((sum, o) => sum + (o.gradient === kind ? o.count : 0), 0);
  return {
    opset: graph.opsets.get('') ?? 0,
    inputs: graph.inputs,
    outputs: graph.outputs.map((o) => {
      const of = beforeMaps(graph, o.name);
      return of === o.name ? o : { ...o, maps: of };
    }),
    parameters: countParameters(graph),
    bytes: constantBytes(graph),
    operators,
    coverage: { rule: covered('rule'), zero: covered('zero'), missing: covered('missing') },
    path: { of, wrt, nodes: operators.reduce((sum, o) => sum + o.onPath, 0) },
    differentiable: depends && refusals.length === 0,
    blocking: refusals.map(({ refusal, node }) => ({
      node: nodeLabel(node),
      operator: operatorOf(node),
      why: refusal.message,
      remedy: refusal.remedy ?? 'Pass a rule for it in overrides.',
      ...(refusal instanceof SizeUnknown && { lacksSizes: true as const }),
    })),
    missingSizes,
    zeroPaths: onTheWay.flatMap((n) => {
      const reason = rules.get(operatorOf(n))?.zero;
      return reason === undefined ? [] : [{ node: nodeLabel(n), operator: operatorOf(n), reason }];
    }),
    flags: flagsOf({ graph, flat, b, of, wrt, path }),
    // What labels and other outputs take is no part of what an attack asks.
    cost: costs(of === undefined ? prepared : prune(prepared, [of]), derived),
  };
}

interface Refusal {
  readonly refusal: AdvarenaError;
  readonly node: Node;
}

/** The gradient graph, or every node that stands in its way, in the graph's order. */
function attempt(graph: Graph, of: string, wrt: string): { refusals: Refusal[]; derived: Graph | undefined } {
  const refusals: Refusal[] = [];
  const options = { of, wrt: [wrt], cotangent: 'input', keep: [] } as const;
  const derived = gradientDespite(graph, options, (refusal, node) => refusals.push({ refusal, node }));
  return { refusals: refusals.toReversed(), derived: refusals.length === 0 ? derived : undefined };
}

/** Axes behind the first that inputs leave free, of those inputs that the output depends on. */
function freeSizes(graph: Graph, of: string | undefined): MissingSizes[] {
  const used = prune(graph, of === undefined ? [] : [of]);
  const read = new Set(used.nodes.flatMap(reads));
  return graph.inputs.flatMap(({ name, shape }) => {
    const axes = (shape ?? []).flatMap((d, i) => (i > 0 && typeof d === 'string' ? [i] : []));
    return axes.length > 0 && read.has(name) ? [{ input: name, axes }] : [];
  });
}

function costs(forward: Graph, derived: Graph | undefined): Inspection['cost'] {
  const [own, whole] = [costOf(forward), derived === undefined ? undefined : costOf(derived)];
  const unknown = [own, whole].find((c) => typeof c === 'string');
  return {
    ...(typeof own === 'string' ? {} : { forward: own }),
    ...(typeof whole === 'string' || whole === undefined ? {} : { gradient: whole }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function differentiability(node: Node): Pick<OperatorUse, 'gradient' | 'reason'> {
  const rule = rules.get(operatorOf(node));
  if (rule === undefined)
    return { gradient: node.domain === '' && replacedByUpgrade(node.op) ? 'rule' : 'missing' };
  return rule.zero === undefined ? { gradient: 'rule' } : { gradient: 'zero', reason: rule.zero };
}

function countOperators(nodes: readonly Node[], path: ReadonlySet<string>): OperatorUse[] {
  const uses = [...Map.groupBy(nodes, operatorOf)].map(
    ([operator, group]): OperatorUse => ({
      operator,
      count: group.length,
      onPath: group.filter((n) => passes(n, path)).length,
      ...differentiability(group[0] as Node),
    }),
  );
  return uses.toSorted((p, q) => q.count - p.count || (p.operator < q.operator ? -1 : 1));
}

function countParameters(graph: Graph): number {
  let count = 0;
  for (const t of graph.initializers.values())
    if (['float32', 'float64', 'float16', 'bfloat16'].includes(t.dtype)) count += sizeOf(t.shape);
  return count;
}
