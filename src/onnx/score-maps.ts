import type { Graph, Node } from './graph.ts';

/** What makes an output, seen through copies. */
export function outputMaker(graph: Graph, output: string): Node | undefined {
  let node = graph.nodes.find((n) => n.outputs.includes(output));
  while (node?.op === 'Identity') {
    const [from] = node.inputs;
    node = graph.nodes.find((n) => n.outputs.includes(from as string));
  }
  return node;
}

/**
 * The tensor of scores that an output holds: scikit-learn's exporter makes a sequence of maps of it at the end
 * (ZipMap). Other outputs as they are.
 */
export function beforeMaps(graph: Graph, output: string): string {
  const node = outputMaker(graph, output);
  return node?.op === 'ZipMap' ? (node.inputs[0] as string) : output;
}
