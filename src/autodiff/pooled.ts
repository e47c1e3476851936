import type { Graph, Node } from '../onnx/index.ts';
import { floatAttribute, GraphBuilder, intAttribute, namesIn, reads } from '../onnx/index.ts';

/**
 * The graph with every max pool of images over a concatenation of channels replaced by the concatenation of max
 * pools: the same numbers, a quarter of them to join and, in the gradient, to take apart.
 */
export function poolBeforeConcat(graph: Graph): Graph {
  const concats = new Map(graph.nodes.filter(joinsChannels).map((n) => [n.outputs[0] as string, n]));
  const pools = (n: Node): boolean => isMaxPool(n) && concats.has(n.inputs[0] as string);
  if (!graph.nodes.some(pools)) return graph;
  const b = new GraphBuilder({ ...graph, nodes: [] });
  for (const name of namesIn(graph)) b.unique(name);
  for (const node of graph.nodes) {
    const concat = pools(node) ? concats.get(node.inputs[0] as string) : undefined;
    if (concat === undefined || b.shape(node.inputs[0] as string)?.length !== 4) b.append(node);
    else {
      const parts = concat.inputs.map((part) => {
        const output = b.unique(`${node.outputs[0]}_part`);
        b.append({ ...node, name: output, inputs: [part], outputs: [output] });
        return output;
      });
      b.append({ ...concat, name: node.name, inputs: parts, outputs: node.outputs });
    }
  }
  return b.finish();
}

function isMaxPool(node: Node): boolean {
  return node.op === 'MaxPool' && node.domain === '' && node.outputs.length === 1;
}

function joinsChannels(node: Node): boolean {
  return node.op === 'Concat' && node.domain === '' && intAttribute(node, 'axis', 0) === 1;
}

/**
 * Max pools whose input is a rising activation that nothing else reads, with that activation. The maximum of the
 * activated is the activated maximum, so the gradient can pass the activation behind the pool, where it is small.
 * @param kept tensors whose own gradient is asked
 */
export function risingBefore(nodes: readonly Node[], kept: readonly string[]): Map<Node, Node> {
  const makers = new Map(nodes.filter(rises).map((n) => [n.outputs[0] as string, n]));
  const readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(reads), ...kept]) readers.set(name, (readers.get(name) ?? 0) + 1);
  const found = new Map<Node, Node>();
  for (const node of nodes) {
    const maker = isMaxPool(node) ? makers.get(node.inputs[0] as string) : undefined;
    if (maker !== undefined && readers.get(node.inputs[0] as string) === 1) found.set(node, maker);
  }
  return found;
}

function rises(node: Node): boolean {
  if (node.domain !== '') return false;
  return node.op === 'Relu' || (node.op === 'LeakyRelu' && floatAttribute(node, 'alpha', 0.01) > 0);
}
