import type { Graph } from '../../onnx/index.ts';
import type { AnyTensor, Tensor } from '../../tensor/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';

/** A graph as it predicts (running statistics, no dropout) and which of its initializers training changes. */
export interface Network {
  readonly name: string;
  /** One image input [N, C, H, W]; the first output is what losses read. */
  readonly graph: Graph;
  /** Names of the trainable initializers, all float32. */
  readonly parameters: readonly string[];
  /** Names of running means and variances: batch normalizations that read others stay as they are. */
  readonly statistics: readonly string[];
}

/** Parameters and statistics by name. */
export type Weights = Readonly<Record<string, Tensor>>;

/** The network's parameters and statistics, sharing its memory. */
export function weightsOf(network: Network): Record<string, Tensor> {
  return Object.fromEntries(
    [...network.parameters, ...network.statistics].map((name) => {
      const value = network.graph.initializers.get(name);
      if (value?.dtype !== 'float32')
        throw new AdvarenaError('TRAINING_NETWORK', `"${name}" is no float32 initializer of the network.`, {
          where: network.name,
          remedy: 'Name initializers of the graph as parameters and statistics.',
        });
      return [name, value];
    }),
  );
}

/** The network with other weights; those not named stay. */
export function withWeights(network: Network, weights: Weights): Network {
  const initializers = new Map<string, AnyTensor>(network.graph.initializers);
  for (const [name, value] of Object.entries(weights)) initializers.set(name, value);
  return { ...network, graph: { ...network.graph, initializers } };
}
