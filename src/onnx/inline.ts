import { AdvarenaError } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import { decided } from './condition.ts';
import type { Attribute, Attributes, Graph, GraphFunction, Node } from './graph.ts';
import { nodeLabel } from './graph.ts';
import { constantOf } from './read.ts';
import { namesIn, prune } from './traverse.ts';
import { upgrade } from './upgrade.ts';

/** Functions calling functions deeper than this call themselves. */
const deepest = 64;

/** Functions that call others several times each can unfold to any size. */
const mostNodes = 500_000;

/**
 * The graph without calls of model-local functions, without `If`s whose condition is known (a constant, or decided
 * by known shapes), and without nodes that lead nowhere. What stands in functions and branches comes into the graph
 * itself, names made unique.
 * @param keep tensors beside the outputs that must stay
 * @throws AdvarenaError GRAPH_FUNCTION if a function calls itself, or functions unfold to more than 500 000 nodes
 */
export function inline(graph: Graph, keep: readonly string[] = []): Graph {
  const outputs = graph.outputs.map((o) => o.name);
  const flat = graph.functions.length > 0 || hasIf(graph) ? expand(oneOpset(graph)) : graph;
  const pruned = prune(flat, [...outputs, ...keep]);
  return { ...pruned, outputs: pruned.outputs.slice(0, outputs.length) };
}

function hasIf(graph: Graph): boolean {
  return graph.nodes.some(
    (n) => n.op === 'If' || Object.values(n.attributes).some((a) => a.type === 'graph' && hasIf(a.value)),
  );
}

/** Functions may be written in another opset than the graph: all are brought to the newest. */
function oneOpset(graph: Graph): Graph {
  const versions = [graph, ...graph.functions].flatMap((g) => g.opsets.get('') ?? []);
  if (versions.every((v) => v === versions[0])) return graph;
  const target = Math.max(18, ...versions);
  const functions = graph.functions.map((f): GraphFunction => {
    const value = { dtype: 'float32', shape: undefined } as const;
    const body = upgrade(
      {
        ...graph,
        nodes: f.nodes,
        inputs: f.inputs.map((name) => ({ name, ...value })),
        outputs: f.outputs.map((name) => ({ name, ...value })),
        initializers: new Map(),
        values: new Map(),
        opsets: f.opsets,
        functions: [],
      },
      target,
    );
    const constants = [...body.initializers].map(
      ([name, t]): Node => ({
        op: 'Constant',
        domain: '',
        name: '',
        inputs: [],
        outputs: [name],
        attributes: { value: { type: 'tensor', value: t } },
      }),
    );
    return { ...f, nodes: [...constants, ...body.nodes], opsets: body.opsets };
  });
  return { ...upgrade({ ...graph, functions: [] }, target), functions };
}

interface Waiting {
  node: Node;
  /** How many calls deep. */
  depth: number;
}

/** How many nodes functions may still unfold to, in the graph and those within its nodes together. */
interface Budget {
  nodes: number;
}

/** @param inner how many calls deep the graph lies itself */
function expand(graph: Graph, inner = 0, budget: Budget = { nodes: mostNodes }): Graph {
  const functions = new Map(graph.functions.map((f) => [`${f.domain}.${f.name}`, f]));
  const sizes = new Map(graph.functions.map((f) => [f, countNodes(f.nodes)]));
  const opsets = new Map([...graph.functions.flatMap((f) => [...f.opsets]), ...graph.opsets]);
  const b = new GraphBuilder({ ...graph, nodes: [], functions: [], opsets });
  for (const name of namesIn(graph)) b.unique(name);
  const defined = countDefinitions(graph);
  const made = new Map<string, Node>();
  const waiting: Waiting[] = graph.nodes.toReversed().map((node) => ({ node, depth: inner }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    const called = functions.get(`${node.domain}.${node.op}`);
    const branch = called === undefined ? takenBranch(b, made, node) : undefined;
    if (called !== undefined) {
      if (depth >= deepest)
        throw new AdvarenaError('GRAPH_FUNCTION', `The function ${called.name} calls itself.`, {
          where: `node ${nodeLabel(node)}`,
          remedy: 'Export the model without recursive functions.',
        });
      const body = bodyOf(b, called, node);
      budget.nodes -= sizes.get(called) ?? 0;
      if (budget.nodes < 0)
        throw new AdvarenaError('GRAPH_FUNCTION', `Functions unfold to more than ${mostNodes} nodes.`, {
          where: `node ${nodeLabel(node)}, a call of ${called.name}`,
          remedy: 'Export the model with fewer or smaller functions.',
        });
      for (const inner of body.toReversed()) waiting.push({ node: inner, depth: depth + 1 });
    } else if (branch !== undefined) {
      for (const inner of branchNodes(b, branch, node, defined).toReversed())
        waiting.push({ node: inner, depth });
    } else {
      const kept = {
        ...node,
        attributes: mapGraphs(node.attributes, (g) => expandInner(g, graph, depth, budget)),
      };
      b.append(kept);
      for (const o of kept.outputs) made.set(o, kept);
    }
  }
  const flat = b.finish();
  const used = domainsIn(flat).add('');
  return { ...flat, opsets: new Map([...flat.opsets].filter(([domain]) => used.has(domain))) };
}

function expandInner(inner: Graph, outer: Graph, depth: number, budget: Budget): Graph {
  if (outer.functions.length === 0 && !hasIf(inner)) return inner;
  const flat = expand({ ...inner, functions: outer.functions, opsets: outer.opsets }, depth, budget);
  return { ...flat, functions: [] };
}

/** Those of the graphs within them too. */
function countNodes(nodes: readonly Node[]): number {
  let count = nodes.length;
  for (const n of nodes)
    for (const a of Object.values(n.attributes)) if (a.type === 'graph') count += countNodes(a.value.nodes);
  return count;
}

function takenBranch(b: GraphBuilder, made: ReadonlyMap<string, Node>, node: Node): Graph | undefined {
  if (node.op !== 'If' || node.domain !== '') return undefined;
  const holds = decided(b, made, node.inputs[0] as string);
  if (holds === undefined) return undefined;
  const branch = node.attributes[holds ? 'then_branch' : 'else_branch'];
  return branch?.type === 'graph' ? branch.value : undefined;
}

/** The branch's nodes with the outputs of the `If`. */
function branchNodes(
  b: GraphBuilder,
  branch: Graph,
  node: Node,
  defined: ReadonlyMap<string, number>,
): Node[] {
  const names = new Map<string, string>();
  for (const [name, value] of branch.initializers) names.set(name, b.constant(value, name));
  const made = new Set(branch.nodes.flatMap((n) => n.outputs));
  const links = connectOutputs(
    names,
    branch.outputs.map((o) => o.name),
    node.outputs,
    made,
  );
  for (const name of made)
    if (name !== '' && !names.has(name))
      names.set(name, (defined.get(name) ?? 1) > 1 ? b.unique(name) : name);
  for (const [name, type] of branch.values) b.declare(names.get(name) ?? name, type);
  return [...branch.nodes.map((n) => renamed(b, n, names, (a) => a)), ...links()];
}

/** The function's nodes with the inputs, outputs and attributes of the call. */
function bodyOf(b: GraphBuilder, f: GraphFunction, call: Node): Node[] {
  const names = new Map(f.inputs.map((name, i) => [name, call.inputs[i] ?? '']));
  const given: Attributes = { ...f.defaults, ...call.attributes };
  const resolve = (a: Attribute): Attribute | undefined => (a.type === 'reference' ? given[a.value] : a);
  const body: Node[] = [];
  for (const n of f.nodes) {
    const constant =
      n.op === 'Constant' && n.domain === ''
        ? constantOf({ ...n, attributes: mapAttributes(n.attributes, resolve) })
        : undefined;
    if (constant === undefined) body.push(n);
    else names.set(n.outputs[0] as string, b.constant(constant, n.outputs[0]));
  }
  const made = new Set(body.flatMap((n) => n.outputs));
  const links = connectOutputs(names, f.outputs, call.outputs, made);
  for (const name of made) if (name !== '' && !names.has(name)) names.set(name, b.unique(name));
  return [...body.map((n) => renamed(b, n, names, resolve)), ...links()];
}

/**
 * Gives inner outputs the names that the outer graph reads. What an inner node does not make itself, or what stands
 * for two outputs, gets an Identity: the function returned lists them once all names are known.
 */
function connectOutputs(
  names: Map<string, string>,
  inner: readonly string[],
  outer: readonly string[],
  made: ReadonlySet<string>,
): () => Node[] {
  const copies: [string, string][] = [];
  for (const [i, to] of outer.entries()) {
    const from = inner[i];
    if (to === '' || from === undefined) continue;
    if (made.has(from) && !names.has(from)) names.set(from, to);
    else copies.push([from, to]);
  }
  return () =>
    copies.map(([from, to]) => ({
      op: 'Identity',
      domain: '',
      name: '',
      inputs: [names.get(from) ?? from],
      outputs: [to],
      attributes: {},
    }));
}

type Resolve = (a: Attribute) => Attribute | undefined;

function renamed(b: GraphBuilder, node: Node, names: ReadonlyMap<string, string>, resolve: Resolve): Node {
  const rename = (name: string): string => names.get(name) ?? name;
  return {
    ...node,
    name: '',
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: mapGraphs(mapAttributes(node.attributes, resolve), (g) => renamedGraph(b, g, names, resolve)),
  };
}

/** A graph within a node: its own names are made unique, the outer ones it reads follow. */
function renamedGraph(
  b: GraphBuilder,
  graph: Graph,
  outer: ReadonlyMap<string, string>,
  resolve: Resolve,
): Graph {
  const names = new Map(outer);
  const own = [
    ...graph.initializers.keys(),
    ...graph.inputs.map((i) => i.name),
    ...graph.nodes.flatMap((n) => n.outputs),
  ];
  for (const name of own) if (name !== '') names.set(name, b.unique(name));
  const rename = (name: string): string => names.get(name) ?? name;
  return {
    ...graph,
    inputs: graph.inputs.map((i) => ({ ...i, name: rename(i.name) })),
    outputs: graph.outputs.map((o) => ({ ...o, name: rename(o.name) })),
    initializers: new Map([...graph.initializers].map(([name, t]) => [rename(name), t])),
    values: new Map([...graph.values].map(([name, t]) => [rename(name), t])),
    nodes: graph.nodes.map((n) => renamed(b, n, names, resolve)),
  };
}

function mapAttributes(attributes: Attributes, change: Resolve): Attributes {
  const out: Record<string, Attribute> = {};
  for (const [name, a] of Object.entries(attributes)) {
    const changed = change(a);
    if (changed !== undefined) out[name] = changed;
  }
  return out;
}

function mapGraphs(attributes: Attributes, change: (g: Graph) => Graph): Attributes {
  return mapAttributes(attributes, (a) =>
    a.type === 'graph' ? { type: 'graph', value: change(a.value) } : a,
  );
}

/** How often each name is made, in the graph and in those within its nodes. */
function countDefinitions(graph: Graph, counts = new Map<string, number>()): Map<string, number> {
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const name of graph.initializers.keys()) count(name);
  for (const i of graph.inputs) count(i.name);
  for (const n of graph.nodes) {
    for (const o of n.outputs) count(o);
    for (const a of Object.values(n.attributes)) if (a.type === 'graph') countDefinitions(a.value, counts);
  }
  return counts;
}

function domainsIn(graph: Graph): Set<string> {
  const out = new Set<string>();
  for (const n of graph.nodes) {
    out.add(n.domain);
    for (const a of Object.values(n.attributes))
      if (a.type === 'graph') for (const d of domainsIn(a.value)) out.add(d);
  }
  return out;
}
