import { type Graph, intAttribute, type Node, stringAttribute } from '../onnx/index.ts';
import { numbers } from '../tensor/index.ts';

/** What ONNX Runtime 1.30 takes for WebGPU and then fails on within a run, or computes wrongly (Slice): seen with the gradient fixtures. */
const lacking: Record<string, (node: Node, graph: Graph) => boolean> = {
  MaxPool: ({ outputs }) => (outputs[1] ?? '') !== '',
  Resize: (node) => intAttribute(node, 'antialias', 0) !== 0,
  BatchNormalization: (node) => intAttribute(node, 'training_mode', 0) !== 0,
  Slice: ({ inputs }, { initializers }) => {
    const steps = initializers.get(inputs[4] ?? '');
    return steps !== undefined && numbers(steps).some((step) => step < 0);
  },
  Einsum: (node) => stringAttribute(node, 'equation', '').includes('...'),
  ConvTranspose: ({ inputs }, { initializers }) => initializers.get(inputs[1] ?? '')?.shape.length === 5,
};

export interface WebGpuProvider {
  name: 'webgpu';
  preferredLayout: 'NCHW';
  forceCpuNodeNames?: string[];
}

/**
 * The graph, and how WebGPU is to run it: nodes that it fails on stay on the CPU, which needs them named; and not in its
 * own layout, NHWC, where a convolution of 6 into 16 channels by a 5x5 kernel was wrong by its whole size without an
 * error (in NCHW it agreed with the CPU to 5e-7).
 */
export function forWebGpu(graph: Graph): { graph: Graph; provider: WebGpuProvider } {
  const kept: string[] = [];
  const nodes = graph.nodes.map((node, i) => {
    if (node.domain !== '' || lacking[node.op]?.(node, graph) !== true) return node;
    const name = node.name === '' ? `on the cpu ${i}` : node.name;
    kept.push(name);
    return { ...node, name };
  });
  return { graph: { ...graph, nodes }, provider: webGpu(kept) };
}

/** @param kept names of nodes that stay on the CPU */
export function webGpu(kept: string[] = []): WebGpuProvider {
  const provider = { name: 'webgpu', preferredLayout: 'NCHW' } as const;
  // The runtime refuses an empty list.
  return kept.length === 0 ? provider : { ...provider, forceCpuNodeNames: kept };
}
