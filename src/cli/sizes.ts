import type { Dim, Graph, Shape } from '../onnx/index.ts';
import { GraphBuilder, upgrade, withSizes } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { whole } from './values.ts';

/**
 * The graph with the free sizes that `--size` gives, each `32x32`, `32` for all, or `NAME=32x32` for another input than
 * `input`. The first axis stays as it is.
 * @throws AdvarenaError ARGUMENT where a size is no number, or not as many are free
 */
export function sized(graph: Graph, given: readonly string[], input: string | undefined): Graph {
  const shapes = new Map<string, Shape>();
  for (const text of given) {
    const at = text.lastIndexOf('=');
    const name = at < 0 ? input : text.slice(0, at);
    const found = graph.inputs.find((i) => i.name === name);
    if (found === undefined)
      throw new AdvarenaError(
        'ARGUMENT',
        `--size ${text} is for "${name}", which is no input of the graph.`,
        {
          remedy: `Write --size NAME=32x32; its inputs are ${graph.inputs.map((i) => i.name).join(', ')}.`,
        },
      );
    const numbers = text
      .slice(at + 1)
      .split('x')
      .map(
        whole('--size', 1, { text, remedy: 'Give whole numbers with an x between them: --size 224x224.' }),
      );
    shapes.set(found.name, filled(found.name, found.shape, numbers, text));
  }
  return takingSizes(
    graph,
    shapes,
    'Give another --size: the one that the network was trained for, if in doubt.',
  );
}

/**
 * As {@link withSizes}, tried.
 * @throws AdvarenaError INPUT_SIZE where the graph is sound and these sizes contradict it
 */
export function takingSizes(graph: Graph, shapes: ReadonlyMap<string, Shape>, remedy: string): Graph {
  const out = withSizes(graph, shapes);
  const wrong = contradiction(out);
  if (wrong === undefined || contradiction(graph) !== undefined) return out;
  throw new AdvarenaError('INPUT_SIZE', `The graph does not take inputs of these sizes: ${wrong.message}`, {
    ...(wrong.where !== undefined && { where: wrong.where }),
    remedy,
    cause: wrong,
  });
}

/** What shapes of the graph contradict each other. */
function contradiction(graph: Graph): AdvarenaError | undefined {
  try {
    new GraphBuilder(upgrade(graph)).finish();
    return undefined;
  } catch (error) {
    if (error instanceof AdvarenaError) return error;
    throw error;
  }
}

function filled(name: string, shape: Shape | undefined, numbers: readonly number[], text: string): Shape {
  if (shape === undefined) return ['N', ...numbers];
  const free = shape.flatMap((d, i) => (i > 0 && typeof d === 'string' ? [i] : []));
  const behind = shape.length - 1;
  const all =
    numbers.length === behind && shape.slice(1).every((d, i) => typeof d === 'string' || d === numbers[i]);
  if (all) return [shape[0] as Dim, ...numbers];
  if (free.length > 0 && [1, free.length].includes(numbers.length))
    return shape.map((d, i) =>
      free.includes(i) ? (numbers[numbers.length === 1 ? 0 : free.indexOf(i)] as number) : d,
    );
  const example = free.map(() => 32).join('x');
  throw new AdvarenaError(
    'ARGUMENT',
    `--size is "${text}", but "${name}" [${shape.join(', ')}] leaves ${free.length} sizes free behind its first axis.`,
    {
      remedy:
        free.length === 0 ? 'Leave --size out.' : `Give one number for each of them: --size ${example}.`,
    },
  );
}
