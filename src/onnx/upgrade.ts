import { AdvarenaError } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import type { Attribute, Attributes, Graph, Node } from './graph.ts';
import { nodeLabel } from './graph.ts';
import { namesIn, reads } from './traverse.ts';
import { upgradeSteps } from './upgrades/list.ts';

/** The oldest standard opset that is read. */
const oldest = 7;

/**
 * The graph with its standard operators in the form of opset `target`, or as it is if its opset is as new. Names of
 * tensors stay; what was an attribute and became an input is a new initializer. Subgraphs are upgraded with it.
 * @throws AdvarenaError ONNX_OPSET if the opset is below 7 or a node has no counterpart in the newer form
 */
export function upgrade(graph: Graph, target = 18): Graph {
  const from = graph.opsets.get('');
  if (from !== undefined && from >= target) return graph;
  if (from !== undefined && from < oldest)
    throw new AdvarenaError('ONNX_OPSET', `Opset ${from} is too old: ${oldest} is the oldest supported.`, {
      where: `graph "${graph.name}"`,
      remedy: 'Export the model again with a newer opset, 18 for instance.',
    });
  const opsets = new Map(graph.opsets).set('', target);
  return upgradeGraph({ ...graph, opsets }, { from: from ?? target, target, taken: namesIn(graph) });
}

/** Whether a standard operator of a graph below opset 18 has others in its place once that is upgraded. */
export function replacedByUpgrade(op: string): boolean {
  return upgradeSteps.some((step) => step.replacedBy !== undefined && step.ops.includes(op));
}

interface Span {
  readonly from: number;
  readonly target: number;
  /** Names used anywhere in the model: a new tensor takes none of them, for inner graphs see outer names. */
  readonly taken: Set<string>;
}

function upgradeGraph(graph: Graph, span: Span, outer?: GraphBuilder): Graph {
  const b = new GraphBuilder({ ...graph, nodes: [] });
  for (const name of span.taken) b.unique(name);
  if (outer !== undefined)
    for (const name of graph.nodes.flatMap(reads)) {
      const type = b.type(name) ?? outer.type(name);
      if (type !== undefined) b.declare(name, type);
    }
  for (const node of graph.nodes) {
    const before = b.nodes.length;
    convert(b, { ...node, attributes: upgradeAttributes(node.attributes, b, span) }, span);
    for (const made of b.nodes.slice(before))
      for (const name of [...made.inputs, ...made.outputs]) span.taken.add(name);
  }
  return b.finish();
}

function convert(b: GraphBuilder, node: Node, { from, target }: Span): void {
  let current = node;
  for (const step of node.domain === '' ? upgradeSteps : []) {
    if (from >= step.since || target < step.since || !step.ops.includes(current.op)) continue;
    try {
      current = step.convert({ b, node: current });
    } catch (error) {
      throw new AdvarenaError('ONNX_OPSET', `${node.op} cannot be upgraded: ${(error as Error).message}.`, {
        where: `node ${nodeLabel(node)}, opset ${from} to ${target}`,
        remedy: `Export the model again with opset ${target}.`,
        cause: error,
      });
    }
  }
  b.append(current);
}

function upgradeAttributes(attributes: Attributes, b: GraphBuilder, span: Span): Attributes {
  if (!Object.values(attributes).some((a) => a.type === 'graph')) return attributes;
  const out: Record<string, Attribute> = {};
  for (const [name, a] of Object.entries(attributes)) {
    if (a.type !== 'graph') {
      out[name] = a;
      continue;
    }
    const opsets = new Map(a.value.opsets).set('', span.target);
    out[name] = { type: 'graph', value: upgradeGraph({ ...a.value, opsets }, span, b) };
  }
  return out;
}
