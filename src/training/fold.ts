import type { Graph, Node } from '../onnx/index.ts';
import { floatAttribute, intAttribute, prune, reads } from '../onnx/index.ts';
import type { AnyTensor, Tensor } from '../tensor/index.ts';

/**
 * The graph with every batch normalization that follows a convolution folded into that convolution's weight and
 * bias, in float64. Others (after an addition, or where the convolution is read twice) stay.
 */
export function fold(graph: Graph): Graph {
  const initializers = new Map<string, AnyTensor>(graph.initializers);
  const makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  const readers = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(reads), ...graph.outputs.map((o) => o.name)])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  const replaced = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    if (node.op !== 'BatchNormalization' || intAttribute(node, 'training_mode', 0) === 1) continue;
    const conv = makers.get(node.inputs[0] as string);
    if (conv?.op !== 'Conv' || readers.get(conv.outputs[0] as string) !== 1) continue;
    const constants = [conv.inputs[1], ...node.inputs.slice(1)].map((name) => float32(graph, name));
    const [weight, gain, offset, mean, variance] = constants;
    const given = conv.inputs[2] ?? '';
    const bias = given === '' ? undefined : float32(graph, given);
    if (weight === undefined || gain === undefined || offset === undefined) continue;
    if (mean === undefined || variance === undefined || (given !== '' && bias === undefined)) continue;
    const epsilon = floatAttribute(node, 'epsilon', 1e-5);
    const factor = Float64Array.from(
      gain.data,
      (g, i) => g / Math.sqrt((variance.data[i] as number) + epsilon),
    );
    const size = weight.data.length / factor.length;
    const made = conv.outputs[0] as string;
    const names = [`${made}.folded_weight`, `${made}.folded_bias`] as const;
    initializers.set(names[0], {
      ...weight,
      data: weight.data.map((w, i) => w * (factor[Math.floor(i / size)] as number)),
    });
    initializers.set(names[1], {
      ...offset,
      data: offset.data.map(
        (o, i) => o + ((bias?.data[i] ?? 0) - (mean.data[i] as number)) * (factor[i] as number),
      ),
    });
    replaced.set(conv, undefined);
    replaced.set(node, {
      ...conv,
      inputs: [conv.inputs[0] as string, ...names],
      outputs: [node.outputs[0] as string],
    });
  }
  const nodes = graph.nodes.flatMap((n) => (replaced.has(n) ? (replaced.get(n) ?? []) : [n]));
  return prune({ ...graph, nodes, initializers });
}

function float32(graph: Graph, name: string | undefined): Tensor | undefined {
  const value = graph.initializers.get(name ?? '');
  return value?.dtype === 'float32' ? value : undefined;
}
