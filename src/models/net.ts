import { type GradientOptions, gradient } from '../autodiff/index.ts';
import { type Graph, GraphBuilder, type ValueType } from '../onnx/index.ts';
import { AdvarenaError, type AnyTensor } from '../tensor/index.ts';
import type { ImageGraph } from './network.ts';
import type { Net, Objective } from './objectives.ts';

/** Rules of the user's own, by `Op` or `domain.Op`. */
export type Overrides = NonNullable<GradientOptions['overrides']>;

/** A graph from pixels to the value of an objective and its gradient, and what beside the pixels it must be given. */
export interface Differentiated {
  readonly graph: Graph;
  readonly given: ReadonlyMap<string, ValueType>;
}

/** Pixels to `value`, `grad_images`, and the outputs of the network itself, as one graph. */
export function differentiate(
  image: ImageGraph,
  objective: Objective,
  overrides?: Overrides,
): Differentiated {
  const b = new GraphBuilder(objective.owner === undefined ? image.graph : apart(image.graph));
  const { given, types } = givenTo(b);
  let total: string | undefined;
  for (const head of image.heads) {
    const net = netWithin(b, {
      graph: image.graph,
      images: 'images',
      logits: head.logits,
      outputs: image.outputs ?? {},
    });
    const value = objective.build(b, net, given);
    const weighted = head.weight === 1 ? value : b.op('Mul', [value, b.scalar(head.weight)]);
    total = total === undefined ? weighted : b.op('Add', [total, weighted]);
  }
  const value = b.output(total as string, 'value');
  const keep = ['value', ...image.graph.outputs.map((o) => o.name)];
  const graph = gradient(b.finish(), { of: value, wrt: ['images'], keep, ...(overrides && { overrides }) });
  return { graph, given: types };
}

/** With weights of its own: a builder reaches them, and an attack's objective may do what it likes. */
function apart(graph: Graph): Graph {
  const initializers = new Map(
    [...graph.initializers].map(([name, t]) => [name, { ...t, data: t.data.slice() } as AnyTensor]),
  );
  return { ...graph, initializers };
}

/**
 * Tensors from outside that objectives ask for while they build, each declared once.
 * @returns the function that they call, and the types of what they asked for
 */
export function givenTo(b: GraphBuilder): {
  given: (name: string, type: ValueType) => string;
  types: ReadonlyMap<string, ValueType>;
} {
  const types = new Map<string, ValueType>();
  return {
    types,
    given(name, type) {
      if (types.has(name)) return name;
      if (type.shape === undefined) throw new Error(`"${name}" is given in a shape that is not known`);
      // Feeds go by the objective's own words.
      if (b.input(name, type.dtype, type.shape) !== name)
        throw new Error(`"${name}" is a tensor of the network: what is given needs another name`);
      types.set(name, type);
      return name;
    },
  };
}

/** A network that stands in a graph under construction. */
export interface NetPart {
  /** The network alone; its tensors have the same names in the graph under construction. */
  readonly graph: Graph;
  readonly images: string;
  readonly logits: string;
  /** Tensors by the names under which objectives ask for them. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A network that stands in `b` already, as objectives see it. Run again, it shares weights and all other inputs. */
export function netWithin(b: GraphBuilder, { graph, images, logits, outputs }: NetPart): Net {
  const tensors = [...new Set([logits, ...Object.values(outputs)])];
  let runs = 0;
  const net = (of: string, name: (tensor: string) => string): Net => ({
    images: of,
    logits: name(logits),
    output(wanted) {
      if (wanted === 'logits') return name(logits);
      if (Object.hasOwn(outputs, wanted)) return name(outputs[wanted] as string);
      throw new AdvarenaError('OUTPUT', `The model has no output "${wanted}".`, {
        remedy: `It has ${['logits', ...Object.keys(outputs)].join(', ')}; its sidecar can name more under "outputs".`,
      });
    },
    run(other) {
      const inputs = Object.fromEntries(
        graph.inputs.map((i) => [i.name, i.name === images ? other : i.name]),
      );
      const wanted = tensors.map((t) => ({ name: t, dtype: b.dtype(t), shape: b.shape(t) }));
      const found = b.include({ ...graph, outputs: wanted }, inputs, `run${++runs}/`);
      return net(other, (tensor) => found[tensors.indexOf(tensor)] as string);
    },
  });
  return net(images, (tensor) => tensor);
}
