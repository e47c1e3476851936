import type { Graph, Node, Shape } from '../onnx/index.ts';
import { floatAttribute, GraphBuilder, inline, prune, upgrade } from '../onnx/index.ts';
import { numbers } from '../tensor/index.ts';
import type { Network } from './networks/network.ts';
import { weightsOf } from './networks/network.ts';

/** A network as it trains. */
export interface TrainingForm {
  /** Parameters and statistics are inputs; outputs are the network's, then the batch's statistics. */
  readonly graph: Graph;
  /** Which running statistic learns from which batch statistic: kept · old + (1 − kept) · batch. */
  readonly statistics: readonly { readonly running: string; readonly batch: string; readonly kept: number }[];
  /** Inputs that hold 0 or 1 / (1 − ratio) per feature, drawn anew for each step. */
  readonly masks: readonly { readonly input: string; readonly ratio: number; readonly shape: Shape }[];
}

/**
 * The network with batch normalization by the batch's own mean and (population) variance and with the masks of
 * dropout as inputs. Normalizations whose statistics the network does not name keep those they have.
 */
export function trainingForm(network: Network): TrainingForm {
  const weights = weightsOf(network);
  const names = new Set(Object.keys(weights));
  const outputs = network.graph.outputs.map((o) => o.name);
  const base = upgrade(inline(network.graph, [...names]));
  const b = new GraphBuilder({
    ...base,
    nodes: [],
    outputs: [],
    values: new Map(),
    initializers: new Map([...base.initializers].filter(([name]) => !names.has(name))),
    inputs: [
      ...base.inputs.filter((i) => !names.has(i.name)),
      ...Object.entries(weights).map(([name, t]) => ({ name, dtype: t.dtype, shape: t.shape })),
    ],
  });
  for (const name of base.nodes.flatMap((n) => n.outputs)) b.unique(name);
  const running = new Set(network.statistics);
  const statistics: TrainingForm['statistics'][number][] = [];
  const masks: TrainingForm['masks'][number][] = [];
  for (const node of base.nodes) {
    const [x, , , mean, variance] = node.inputs as [string, string?, string?, string?, string?];
    if (node.op === 'BatchNormalization' && running.has(mean ?? '') && running.has(variance ?? '')) {
      const batch = [b.unique(`${node.outputs[0]}_mean`), b.unique(`${node.outputs[0]}_variance`)] as const;
      b.append(byBatch(node, noStatistics(b, x), batch));
      const kept = floatAttribute(node, 'momentum', 0.9);
      statistics.push({ running: mean as string, batch: batch[0], kept });
      statistics.push({ running: variance as string, batch: batch[1], kept });
    } else if (node.op === 'Dropout') {
      const ratio = b.constantValue(node.inputs[1] ?? '');
      const shape = b.shape(x) ?? [];
      const input = b.input(`${node.outputs[0]}_mask`, 'float32', shape);
      masks.push({ input, ratio: ratio === undefined ? 0.5 : (numbers(ratio)[0] as number), shape });
      b.append({ ...node, op: 'Mul', inputs: [x, input], attributes: {} });
    } else b.append(node);
  }
  b.setOutputs([...outputs, ...statistics.map((s) => s.batch)]);
  return { graph: prune(b.finish()), statistics, masks };
}

/**
 * Statistics 0 and 1 per channel, which are not used. The runtime writes the new ones where the old lie, in the caller's
 * own memory even, and makes one tensor of what is computed alike: made of the input x, those of a network that is run
 * twice stay two.
 */
function noStatistics(b: GraphBuilder, x: string): [mean: string, variance: string] {
  const axes = Array.from({ length: b.shape(x)?.length ?? 4 }, (_, i) => i).filter((i) => i !== 1);
  const [from, to] = [axes.map(() => 0), axes.map(() => 1)];
  const corner = b.op('Slice', [x, b.ints(from), b.ints(to), b.ints(axes)]);
  const one = b.op('Reshape', [corner, b.ints([-1])]);
  const zero = b.op('Sub', [one, one], {}, 'no_statistics');
  return [zero, b.op('Exp', [zero], {}, 'no_statistics')];
}

/** Training mixes running and batch statistics: with a momentum of 0 the operator gives the batch's alone. */
function byBatch(node: Node, running: readonly [string, string], batch: readonly [string, string]): Node {
  return {
    ...node,
    inputs: [...node.inputs.slice(0, 3), ...running],
    outputs: [node.outputs[0] as string, ...batch],
    attributes: {
      ...node.attributes,
      training_mode: { type: 'int', value: 1 },
      momentum: { type: 'float', value: 0 },
    },
  };
}
