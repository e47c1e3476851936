import {
  type Activation,
  activationOf,
  beforeMaps,
  type Graph,
  GraphBuilder,
  inline,
  lastNode,
  nodeLabel,
  onnxType,
  outputMaker,
  prune,
  type Shape,
  stringAttribute,
  upgrade,
  type ValueType,
  wideDims,
} from '../onnx/index.ts';
import { AdvarenaError, type DType } from '../tensor/index.ts';
import type { Need, Refuse, Sidecar } from './sidecar.ts';

type Kind = Sidecar['output']['kind'];

/**
 * The tensor of scores that an output holds: scikit-learn's exporter makes a sequence of maps of it at the end (ZipMap).
 * @throws AdvarenaError MODEL_OUTPUT where there is no such output, or it is another sequence
 */
export function scoresOf(graph: Graph, output: string, where: string): string {
  const names = graph.outputs.map((o) => o.name);
  if (!names.includes(output))
    throw new AdvarenaError('MODEL_OUTPUT', `The graph has no output "${output}".`, {
      where,
      remedy: `Its outputs are ${names.join(', ')}: correct the sidecar.`,
    });
  const tensor = beforeMaps(graph, output);
  const node = outputMaker(graph, tensor);
  if (node !== undefined && /^(?:Sequence|SplitToSequence)/.test(node.op))
    throw new AdvarenaError(
      'MODEL_OUTPUT',
      `The output "${output}" is a sequence, no [N, classes] of floats.`,
      { where, remedy: anotherOutput(graph, output) },
    );
  return tensor;
}

function anotherOutput(graph: Graph, output: string): string {
  const others = graph.outputs.map((o) => o.name).filter((name) => name !== output);
  return others.length === 0
    ? 'Export the model with its scores: one number per image and class.'
    : `Its other outputs are ${others.join(', ')}: name that of the scores under output.name in a sidecar.`;
}

/** What is said of an output that has several rows of scores for each image, and what else may be named. */
export function severalRows(graph: Graph, output: string): { message: string; remedy: string } {
  const shape = graph.outputs.find((o) => o.name === output)?.shape;
  const text = shape === undefined ? '' : `, [${shape.join(', ')}],`;
  return {
    message: `The output "${output}"${text} has several rows of scores for each image, no [N, classes].`,
    remedy:
      graph.outputs.length > 1
        ? anotherOutput(graph, output)
        : 'Export the model with one row of scores for each image: where it answers at every step or place, with one of them or their mean.',
  };
}

/** Sizes of one row's part of a tensor. @param rows of the batch, where they are fixed; 0 where it has no such axis */
export function partOfRow(shape: Shape, rows?: number): Shape {
  if (rows === undefined) return shape.slice(1);
  return rows === 0 || (rows === 1 && shape[0] !== 1) ? shape : shape.slice(1);
}

/** Numbers per row: undefined where they are not known, no number where they are no row of scores. */
function columnsOf(part: Shape | undefined): number | 'none' | undefined {
  const wide = part && wideDims(part);
  if (wide === undefined) return undefined;
  if (wide.filter((d) => typeof d === 'number').length > 1) return 'none';
  const size = wide.find((d) => typeof d === 'number');
  return size ?? (wide.length === 0 ? 1 : undefined);
}

/**
 * What a graph tells of the output that holds the classes.
 * @param given what the sidecar says of it
 * @param known.rows as {@link fixedRows} tells them
 * @param known.where what errors name
 * @param known.need is told what the graph does not tell
 * @param known.refuse is told why no classes can be read from the output unless the sidecar says how: SIDECAR_NEEDED
 * @throws AdvarenaError MODEL_OUTPUT
 */
export function inferOutput(
  graph: Graph,
  given: Partial<Sidecar['output']>,
  { rows, where, need, refuse }: { rows?: number | undefined; where: string; need: Need; refuse: Refuse },
): Partial<Sidecar['output']> {
  if (graph.outputs.length === 0)
    throw new AdvarenaError('MODEL_OUTPUT', 'The graph has no outputs.', {
      where,
      remedy: 'Export the model again: what its nodes compute is thrown away.',
    });
  const tensors = graph.outputs.map((o) => beforeMaps(graph, o.name));
  const kept = [...new Set(tensors)];
  // Shapes are inferred of operators in their newest form; activations may stand in functions.
  const b = new GraphBuilder(upgrade(inline(prune(graph, kept), kept)));
  const columnsIn = (shape: Shape | undefined) => columnsOf(shape && partOfRow(shape, rows));
  const outputs = graph.outputs.map(({ name, shape: declared }, i) => {
    const tensor = tensors[i] as string;
    return { name, declared, tensor, shape: b.shape(tensor), dtype: b.dtype(tensor) };
  });
  const scores = outputs.filter((o) => {
    const columns = columnsIn(o.shape);
    return isFloat(o.dtype) && columns !== 1 && columns !== 'none';
  });
  const others = outputs.filter((o) => !scores.includes(o));
  const output =
    given.name === undefined
      ? outputs.length === 1
        ? outputs[0]
        : scores.length === 1 && others.every((o) => !isFloat(o.dtype))
          ? scores[0]
          : undefined
      : outputs.find((o) => o.name === given.name);
  if (output === undefined) {
    const [likely, ...more] = scores;
    need(
      'output.name',
      `which output holds the classes, of ${outputs.map((o) => o.name).join(', ')},`,
      more.length === 0 ? likely?.name : undefined,
    );
    return given;
  }
  const { name, tensor, shape, dtype } = output;
  checkScores(graph, { output: name, type: { dtype, shape }, rows, where });
  const columns = columnsIn(shape);
  const declared = columnsIn(output.declared);
  if (typeof declared === 'number' && typeof columns === 'number' && declared !== columns)
    throw new AdvarenaError(
      'MODEL_OUTPUT',
      `The graph declares ${declared} columns for the output "${name}", its nodes make ${columns}.`,
      { where, remedy: 'Export the model again: the file contradicts itself.' },
    );
  const found = activationOf(b, tensor);
  const classes = given.classes ?? (typeof columns === 'number' && columns > 1 ? columns : undefined);
  const known = { ...given, name, ...(classes !== undefined && { classes }) };
  if (columns === 1 && given.classes !== 2) {
    refuse(
      'output.classes',
      `The output "${name}" has one column: one number is no score for each class.`,
      `Where it decides between two classes, say so in the sidecar: "output": { "name": "${name}", "classes": 2 }; class 1 is then the one of large numbers.`,
    );
    return known;
  }
  if (found?.op === 'Sigmoid' && columns !== 1 && given.kind === undefined) {
    refuse('output.kind', ...manySigmoids(found, name));
    return known;
  }
  if (classes === undefined) need('output.classes', 'the number of classes');
  const kind =
    given.kind ??
    (found === undefined
      ? kindBy(b, tensor)
      : found.op === 'LogSoftmax' || found.scaled === true
        ? 'logits'
        : 'probabilities');
  return { ...given, name, kind, ...(classes !== undefined && { classes }) };
}

/** What scores are that come out of no activation: table models and quantised ones have theirs within another node. */
function kindBy(b: GraphBuilder, tensor: string): Kind {
  const node = lastNode(b, tensor);
  if (node === undefined) return 'logits';
  if (/^QLinearS(?:igmoid|oftmax)$/.test(node.op) || node.op === 'Normalizer') return 'probabilities';
  const transform = stringAttribute(node, 'post_transform', 'NONE');
  if (node.op === 'LinearClassifier') return transform === 'NONE' ? 'logits' : 'probabilities';
  // Trees vote by shares unless what they give is turned into shares first.
  return node.op.startsWith('TreeEnsemble') ? 'probabilities' : 'logits';
}

function manySigmoids({ node }: Activation, output: string): [message: string, remedy: string] {
  return [
    `The output "${output}" comes out of ${nodeLabel(node)}: each column is a yes or no of its own, and several may hold, so the largest need not be the answer.`,
    'Where exactly one class holds for each image, say so in the sidecar: "output": { "kind": "sigmoids" }.',
  ];
}

function isFloat(dtype: DType): boolean {
  return /^b?float/.test(dtype);
}

/**
 * @param of.type of the tensor of scores
 * @param of.rows as {@link fixedRows} tells them
 * @throws AdvarenaError MODEL_OUTPUT for labels instead of scores, and for what is no row of scores per image
 */
export function checkScores(
  graph: Graph,
  of: { output: string; type: Partial<ValueType>; rows?: number | undefined; where: string },
): void {
  const { output, type, rows, where } = of;
  const { dtype = 'float32', shape } = type;
  const columns = columnsOf(shape && partOfRow(shape, rows));
  // In the file's own words for its sizes.
  const own = graph.outputs.find((o) => o.name === output)?.shape;
  const said = own?.length === shape?.length ? own : shape;
  const text = said === undefined ? '' : ` [${said.join(', ')}]`;
  const details = { where, remedy: anotherOutput(graph, output) };
  if (!isFloat(dtype) && (!/^u?int8$/.test(dtype) || columns === 1))
    throw new AdvarenaError(
      'MODEL_OUTPUT',
      `The output "${output}" is ${dtype}${text}: labels, no [N, classes] of floats.`,
      details,
    );
  if (columns === 'none')
    throw new AdvarenaError('MODEL_OUTPUT', `The output "${output}" is${text}, no [N, classes].`, details);
}

/** How the numbers of an output are to be read, and where the graph is cut for that. */
export interface Reading {
  /** The tensor of the graph whose numbers are used. */
  readonly tensor: string;
  /** What they are. */
  readonly kind: Kind;
  /** What stays in the graph and saturates. */
  readonly activation?: Activation;
}

/**
 * Reads an output as the sidecar says, and cuts its softmax or sigmoids off where logits are asked for.
 * @param graph whose output `output.name` or the tensor before its ZipMap is `tensor`
 * @param more.rows of the batch, where they are fixed; 0 where the graph has no axis for it
 * @throws AdvarenaError MODEL_OUTPUT where what the sidecar says cannot be
 */
export function readingOf(
  graph: Graph,
  tensor: string,
  said: Sidecar['output'],
  { logits, rows, where }: { logits: boolean; rows?: number | undefined; where: string },
): Reading {
  const b = new GraphBuilder(graph);
  const activation = activationOf(b, tensor);
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('MODEL_OUTPUT', message, { where, remedy });
  };
  if (activation?.op === 'LogSoftmax') {
    if (said.kind === 'logits') return { tensor, kind: 'logits' };
    return refuse(
      `The output "${said.name}" comes out of ${nodeLabel(activation.node)}: logarithms of probabilities, not ${said.kind}.`,
      'Correct output.kind in the sidecar: they are logits as good as any.',
    );
  }
  if (activation !== undefined) {
    const shape = b.shape(tensor);
    const one = columnsOf(shape && partOfRow(shape, rows)) === 1;
    if (activation.op === 'Sigmoid' && !one && said.kind === 'logits')
      refuse(...manySigmoids(activation, said.name));
    if (logits && activation.before !== undefined) return { tensor: activation.before, kind: 'logits' };
    if (logits)
      refuse(
        `The output "${said.name}" holds probabilities that ${nodeLabel(activation.node)} makes of others: no logits before them have the same columns.`,
        'Leave --logits out, or export the logits as an output of their own.',
      );
    if (activation.scaled === true) {
      if (said.kind === 'logits') return { tensor, kind: 'logits', activation };
      refuse(
        `The output "${said.name}" comes out of ${nodeLabel(activation.node)}, scaled or shifted: its numbers are no probabilities, which sum to 1.`,
        'Correct output.kind in the sidecar: they are "logits" that saturate.',
      );
    }
    return { tensor, kind: said.kind === 'logits' ? 'probabilities' : said.kind, activation };
  }
  if (logits && said.kind !== 'logits')
    refuse(
      `The output "${said.name}" holds ${said.kind === 'sigmoids' ? 'probabilities of each class' : 'probabilities'}, and no softmax or sigmoid ends the graph that could be cut off.`,
      'Leave --logits out, or correct output.kind in the sidecar.',
    );
  return { tensor, kind: said.kind };
}

/**
 * Scores as [N, columns] in float32: axes of one element go, and a single column becomes that of class 1 beside that of
 * class 0, by its sign (logits 0 and z) or by the probability that is left.
 * @param more.rows of the batch, where they are fixed; 0 where the graph has no axis for it
 * @param more.several what is said of several rows for each image
 * @throws AdvarenaError MODEL_OUTPUT where the graph gives another number of columns, or no row of scores
 */
export function columnsFor(
  b: GraphBuilder,
  scores: string,
  said: Sidecar['output'],
  more: { kind: Kind; rows?: number | undefined; where: string; several: ReturnType<typeof severalRows> },
): string {
  const { kind, rows, where, several } = more;
  let out =
    b.dtype(scores) === 'float32' ? scores : b.op('Cast', [scores], { to: onnxType('float32') }, 'float32');
  const shape = b.shape(out);
  const columns = columnsOf(shape && partOfRow(shape, rows));
  if (columns === 'none')
    throw new AdvarenaError('MODEL_OUTPUT', several.message, { where, remedy: several.remedy });
  const two = columns === 1 && said.classes === 2;
  if (columns !== undefined && columns !== said.classes && !two)
    throw new AdvarenaError(
      'MODEL_OUTPUT',
      `The graph has ${columns} outputs, its sidecar says ${said.classes} classes.`,
      { where, remedy: 'Correct output.classes in the sidecar.' },
    );
  // Networks that pool to a 1x1 map often leave its axes in the output.
  if (shape !== undefined && (shape.length !== 2 || rows === 0 || partOfRow(shape, rows).length !== 1))
    out = b.op('Reshape', [out, b.ints([-1, two ? 1 : said.classes])], {}, 'flat');
  if (!two) return out;
  const other = kind === 'logits' ? b.op('Mul', [out, b.scalar(0)]) : b.op('Sub', [b.scalar(1), out]);
  return b.op('Concat', [other, out], { axis: 1 }, 'both');
}
