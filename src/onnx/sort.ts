import { AdvarenaError } from '../tensor/index.ts';
import type { Node } from './graph.ts';
import { reads } from './traverse.ts';

/**
 * Nodes in an order in which every tensor is made before it is read, keeping the given order where it can.
 * @param given names of tensors that are there before any node
 * @throws AdvarenaError ONNX_GRAPH if a tensor is made twice or the graph has a cycle
 */
export function sortNodes(nodes: readonly Node[], given: ReadonlySet<string>, where: string): Node[] {
  const producer = new Map<string, number>();
  for (const [i, node] of nodes.entries())
    for (const o of node.outputs) {
      if (o === '') continue;
      if (producer.has(o) || given.has(o)) throw twice(`The tensor "${o}" is made`, where);
      producer.set(o, i);
    }
  const waiting = nodes.map((n) => new Set(reads(n).flatMap((r) => producer.get(r) ?? [])));
  if (waiting.every((w, i) => [...w].every((p) => p < i))) return [...nodes];
  const readers = nodes.map((): number[] => []);
  for (const [i, w] of waiting.entries()) for (const p of w) readers[p]?.push(i);
  const ready = [...nodes.keys()].filter((i) => waiting[i]?.size === 0);
  // The list grows while it is walked.
  for (const i of ready)
    for (const r of readers[i] as number[]) {
      waiting[r]?.delete(i);
      if (waiting[r]?.size === 0) ready.push(r);
    }
  if (ready.length < nodes.length) {
    const stuck = nodes.find((_, i) => (waiting[i]?.size ?? 0) > 0);
    throw new AdvarenaError('ONNX_GRAPH', 'The graph has a cycle.', {
      where: `${where}, near tensor "${stuck?.outputs[0]}"`,
      remedy: 'Export the model again: an ONNX graph has no cycles.',
    });
  }
  return ready.map((i) => nodes[i] as Node);
}

/** @throws AdvarenaError ONNX_GRAPH for the first name that occurs twice */
export function checkUnique(what: string, names: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw twice(`The ${what} "${name}" is given`, where);
    seen.add(name);
  }
}

function twice(sentence: string, where: string): AdvarenaError {
  return new AdvarenaError('ONNX_GRAPH', `${sentence} twice.`, {
    where,
    remedy: 'Export the model again: every name belongs to one thing.',
  });
}
