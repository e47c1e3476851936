import type { RandomStream } from '../tensor/index.ts';
import { AdvarenaError, sizeOf } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import { concrete, divideDims } from './dims.ts';
import type { Dim, Graph, Node, Shape } from './graph.ts';
import { nodeLabel } from './graph.ts';
import { inline } from './inline.ts';
import type { RandomForm } from './random-forms.ts';
import { randomForms } from './random-forms.ts';
import type { ConstantOf } from './random-nodes.ts';
import { drawsNumbers, dropoutRatio } from './random-nodes.ts';
import { namesIn, prune } from './traverse.ts';

/** A random node's numbers as an input of the graph: drawn outside, fed beside the images. */
export interface LiftedDraw {
  /** The graph input, float32. */
  readonly name: string;
  /** The batch apart where the node's output has the batch axis first; else the whole shape, for a batch of 1. */
  readonly shape: readonly number[];
  /** What the input holds: standard normal numbers, or uniform ones in [0,1). */
  readonly kind: 'normal' | 'uniform';
}

export interface Lifted {
  /** No random node is left. A draw's input is [batch, ...shape], or [...shape] where the batch is not its first axis. */
  readonly graph: Graph;
  /** In the order of the nodes. Empty where the graph was not random: then the graph is the one given. */
  readonly draws: readonly LiftedDraw[];
  /** False where a node's output has no batch axis first: rows would share its numbers, so they must run one at a time. */
  readonly perRow: boolean;
}

/**
 * The graph with an input for the numbers of every random node: RandomNormal, RandomUniform and their Like forms,
 * Bernoulli, Multinomial, and Dropout in training. Means, bounds, thresholds and types are nodes behind the input, so
 * that the gradient is that of the random node with its numbers held: of Dropout mask / (1 − ratio), of the others
 * none. Functions and decided branches are inlined first. The `seed` that a node may carry is not used: with it every
 * session draws one sequence, and an answer depends on how often that was asked before.
 * @param graph in the form of opset 18 or newer, see {@link upgrade}
 * @param batch the symbol of the batch axis
 * @throws AdvarenaError RANDOM_NODE for a random node in the body of a loop or of an undecided branch, one whose
 *   sizes are not known but for the batch, and a Dropout whose mode or ratio is no constant or out of range
 */
export function liftRandom(graph: Graph, batch: string): Lifted {
  const flat = inline(graph);
  const constant: ConstantOf = (name) => flat.initializers.get(name);
  for (const node of flat.nodes) refuseWithin(node, constant, node);
  const random = new Set(flat.nodes.filter((n) => drawsNumbers(n, constant) !== false));
  if (random.size === 0) return { graph, draws: [], perRow: true };
  const known = new GraphBuilder(flat);
  const b = new GraphBuilder({ ...flat, nodes: [] });
  for (const name of namesIn(flat)) b.unique(name);
  const draws: LiftedDraw[] = [];
  let perRow = true;
  for (const node of flat.nodes) {
    if (!random.has(node)) {
      b.append(node);
      continue;
    }
    refuseUnknown(node, constant);
    const { kind, outputs } = randomForms[node.op] as RandomForm;
    const { shape, free } = sizesOf(node, known.shape(node.outputs[0] ?? ''), batch);
    const drawn = b.input(`${node.outputs[0]}_${kind}`, 'float32', free ? [batch, ...shape] : shape);
    const made = outputs({ b, node, drawn, dtype: known.dtype(node.outputs[0] ?? '') });
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      const inputs = [made[i] as string];
      b.append({ op: 'Identity', domain: '', name: '', inputs, outputs: [name], attributes: {} });
      // For a batch of 1 sizes are numbers where nodes behind know the batch by its symbol.
      const type = known.type(name);
      if (type !== undefined) b.declare(name, type);
    }
    draws.push({ name: drawn, shape, kind });
    perRow &&= free;
  }
  return { graph: prune(b.finish()), draws, perRow };
}

/**
 * Fills one row of a draw's input, or all of it where it has no batch axis.
 * @param out as many elements as the draw's shape has
 * @throws RangeError for another number of elements
 */
export function fillDraw(draw: LiftedDraw, out: Float32Array, stream: RandomStream): void {
  if (out.length !== sizeOf(draw.shape))
    throw new RangeError(`${out.length} elements do not fill the shape [${draw.shape.join(', ')}]`);
  if (draw.kind === 'normal') stream.fillNormal(out, 0, 1);
  else stream.fillUniform(out, 0, 1);
}

/** @throws AdvarenaError RANDOM_NODE for a Dropout of which it is not known whether it draws, or how */
function refuseUnknown(node: Node, constant: ConstantOf): void {
  if (node.op !== 'Dropout') return;
  const ratio = dropoutRatio(node, constant);
  if (drawsNumbers(node, constant) === undefined || ratio === undefined)
    throw refusal(
      'Whether Dropout draws random numbers is not known: its training_mode or its ratio is no constant.',
      node,
      'Export the model in evaluation mode, or with constants for both.',
    );
  if (ratio < 0 || ratio >= 1)
    throw refusal(
      `The ratio ${ratio} of Dropout is outside [0, 1).`,
      node,
      'Export the model with another ratio, or in evaluation mode.',
    );
}

/** @throws AdvarenaError RANDOM_NODE for a random node in the graphs within a node */
function refuseWithin(node: Node, constant: ConstantOf, outermost: Node): void {
  for (const a of Object.values(node.attributes)) {
    if (a.type !== 'graph') continue;
    const inner: ConstantOf = (name) => a.value.initializers.get(name) ?? constant(name);
    for (const n of a.value.nodes) {
      if (drawsNumbers(n, inner) !== false)
        throw refusal(
          `${n.op} draws random numbers in the body of ${nodeLabel(outermost)}, where they cannot become an input.`,
          n,
          'Export the model in evaluation mode, or without control flow around the node.',
        );
      refuseWithin(n, inner, outermost);
    }
  }
}

/** Sizes of what one row draws, and whether rows are the first axis. */
function sizesOf(
  node: Node,
  shape: Shape | undefined,
  batch: string,
): { shape: readonly number[]; free: boolean } {
  const row = concrete(shape?.slice(1));
  if (shape?.[0] === batch && row !== undefined) return { shape: row, free: true };
  const alone = concrete(shape?.map((d) => forOneRow(d, batch)));
  if (alone !== undefined) return { shape: alone, free: false };
  throw refusal(
    `${node.op} draws random numbers of a shape that is not known${shape === undefined ? '' : `: [${shape.join(', ')}]`}.`,
    node,
    'Export the model with fixed sizes for all axes but the batch, or in evaluation mode.',
  );
}

/** The dimension with a batch of 1. */
function forOneRow(dim: Dim, batch: string): Dim {
  const rest = divideDims(dim, batch);
  return rest === undefined ? dim : forOneRow(rest, batch);
}

function refusal(message: string, node: Node, remedy: string): AdvarenaError {
  return new AdvarenaError('RANDOM_NODE', message, { where: `node ${nodeLabel(node)}`, remedy });
}
