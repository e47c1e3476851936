import type { Attribute, Attributes, Graph, Node, ValueInfo } from './graph.ts';

/** Every tensor name of a graph and of the graphs within its nodes. */
export function namesIn(graph: Graph): Set<string> {
  const names = new Set<string>(graph.initializers.keys());
  for (const i of graph.inputs) names.add(i.name);
  for (const o of graph.outputs) names.add(o.name);
  for (const node of graph.nodes) {
    for (const n of node.inputs) names.add(n);
    for (const n of node.outputs) names.add(n);
    for (const a of Object.values(node.attributes))
      if (a.type === 'graph') for (const n of namesIn(a.value)) names.add(n);
  }
  return names;
}

/** Tensors that a node reads, those of the enclosing graph that its subgraphs read included. */
export function reads(node: Node): string[] {
  const out = node.inputs.filter((i) => i !== '');
  for (const a of Object.values(node.attributes)) {
    if (a.type !== 'graph') continue;
    const inner = new Set<string>(a.value.initializers.keys());
    for (const i of a.value.inputs) inner.add(i.name);
    for (const n of a.value.nodes) for (const o of n.outputs) inner.add(o);
    for (const n of a.value.nodes) for (const r of reads(n)) if (!inner.has(r)) out.push(r);
    for (const o of a.value.outputs) if (!inner.has(o.name)) out.push(o.name);
  }
  return out;
}

/** Operators that take nothing but the shape of their input. */
export const shapeOnly: ReadonlySet<string> = new Set(
  'EyeLike RandomNormalLike RandomUniformLike Shape Size'.split(' '),
);

/**
 * Nodes that depend on some tensors and lead to others, whatever their types, with all tensors of either kind.
 * @param nodes in the order in which they are computed
 */
export function between(
  nodes: readonly Node[],
  from: Iterable<string>,
  to: Iterable<string>,
): { nodes: Node[]; dependent: ReadonlySet<string>; leading: ReadonlySet<string> } {
  const [dependent, leading] = [new Set(from), new Set(to)];
  for (const n of nodes)
    if (reads(n).some((i) => dependent.has(i))) for (const o of n.outputs) dependent.add(o);
  for (const n of nodes.toReversed())
    if (n.outputs.some((o) => leading.has(o))) for (const i of reads(n)) leading.add(i);
  const found = nodes.filter(
    (n) => n.outputs.some((o) => leading.has(o)) && reads(n).some((i) => dependent.has(i)),
  );
  return { nodes: found, dependent, leading };
}

/** The inputs that a graph needs: nodes read them, or they are outputs themselves. */
export function neededInputs(graph: Graph): ValueInfo[] {
  const read = new Set([...graph.nodes.flatMap(reads), ...graph.outputs.map((o) => o.name)]);
  return graph.inputs.filter((i) => read.has(i.name));
}

/** Attributes with the names of the enclosing graph's tensors changed in the graphs within them. */
export function renameSubgraphs(attributes: Attributes, names: ReadonlyMap<string, string>): Attributes {
  const out: Record<string, Attribute> = {};
  for (const [key, a] of Object.entries(attributes))
    out[key] = a.type === 'graph' ? { type: 'graph', value: renameOuter(a.value, names) } : a;
  return out;
}

function renameOuter(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const inner = new Set<string>(graph.initializers.keys());
  for (const i of graph.inputs) inner.add(i.name);
  for (const n of graph.nodes) for (const o of n.outputs) inner.add(o);
  const outer = new Map([...names].filter(([from]) => !inner.has(from)));
  const rename = (n: string): string => outer.get(n) ?? n;
  return {
    ...graph,
    nodes: graph.nodes.map((n) => ({
      ...n,
      inputs: n.inputs.map(rename),
      attributes: renameSubgraphs(n.attributes, outer),
    })),
    outputs: graph.outputs.map((o) => ({ ...o, name: rename(o.name) })),
  };
}

/** The graph without the nodes, constants and types that lead to none of `outputs` (by default its own). */
export function prune(graph: Graph, outputs: readonly string[] = graph.outputs.map((o) => o.name)): Graph {
  const live = new Set(outputs);
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((o) => live.has(o))) continue;
    kept.push(node);
    for (const r of reads(node)) live.add(r);
  }
  kept.reverse();
  const made = new Set(kept.flatMap((n) => n.outputs));
  const typeOf = (name: string): ValueInfo => {
    const known =
      graph.outputs.find((o) => o.name === name) ??
      graph.inputs.find((i) => i.name === name) ??
      graph.values.get(name) ??
      graph.initializers.get(name);
    return { name, dtype: known?.dtype ?? 'float32', shape: known?.shape };
  };
  return {
    ...graph,
    nodes: kept,
    outputs: outputs.map(typeOf),
    initializers: new Map([...graph.initializers].filter(([name]) => live.has(name))),
    values: new Map([...graph.values].filter(([name]) => made.has(name) && !outputs.includes(name))),
  };
}
