import type { AnyTensor } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { mistyped } from './attributes.ts';
import type { Graph, Node } from './graph.ts';
import { nodeLabel } from './graph.ts';
import { operators } from './ops/index.ts';
import { reads } from './traverse.ts';

/** Versions of the standard operator set that the runtime takes. */
export const oldestOpset = 7;
export const newestOpset = 26;

/**
 * Looks through a foreign model before anything is built on it. Operators that the project does not know pass: the
 * runtime decides about them.
 * @param options.name what messages call the model
 * @throws AdvarenaError MODEL_OPSET (older than 7 or newer than 26), MODEL_TENSOR (read, but made by nobody),
 *   MODEL_INPUTS (a node with too few or too many inputs), MODEL_ATTRIBUTE (an attribute of the wrong type),
 *   MODEL_NAN (a constant holds NaN, or an infinity that is computed with)
 */
export function check(graph: Graph, { name }: { name: string }): void {
  const opset = graph.opsets.get('') ?? newestOpset;
  if (opset < oldestOpset || opset > newestOpset)
    throw new AdvarenaError('MODEL_OPSET', `The model is written in opset ${opset}.`, {
      where: name,
      remedy: `Export it with an opset from ${oldestOpset} to ${newestOpset}; 17 is a good choice.`,
    });
  checkNodes(graph, new Set(), name);
  for (const f of graph.functions) {
    const empty = { initializers: new Map(), inputs: f.inputs.map((i) => ({ name: i })) };
    const body = { ...empty, nodes: f.nodes, outputs: f.outputs.map((o) => ({ name: o })) };
    checkNodes(body, new Set(), `${name}, function "${f.name}"`);
  }
  checkConstants(graph, name);
}

interface Named {
  readonly name: string;
}

/** What is checked of a graph, and of a function's body. */
interface Body extends Pick<Graph, 'nodes' | 'initializers'> {
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

/** @param outer tensors of the enclosing graphs */
function checkNodes(graph: Body, outer: ReadonlySet<string>, where: string): void {
  const made = new Set([...outer, ...graph.initializers.keys(), ...graph.inputs.map((i) => i.name)]);
  for (const node of graph.nodes) {
    const missing = node.inputs.find((i) => i !== '' && !made.has(i));
    if (missing !== undefined) throw unmade(missing, `${where}, node ${nodeLabel(node)}`);
    checkInputs(node, where);
    checkAttributes(node, where);
    for (const a of Object.values(node.attributes)) if (a.type === 'graph') checkNodes(a.value, made, where);
    for (const o of node.outputs) made.add(o);
  }
  const output = graph.outputs.find((o) => !made.has(o.name));
  if (output !== undefined) throw unmade(output.name, `${where}, output "${output.name}"`);
}

function unmade(tensor: string, where: string): AdvarenaError {
  return new AdvarenaError('MODEL_TENSOR', `The tensor "${tensor}" is read, but no node makes it.`, {
    where,
    remedy: 'Export the model again: it is incomplete.',
  });
}

function checkInputs(node: Node, where: string): void {
  const definition = operators.get(node.domain === '' ? node.op : `${node.domain}.${node.op}`);
  if (definition === undefined) return;
  const [fewest, most] = definition.inputs;
  const count = node.inputs.length;
  if (count >= fewest && count <= most) return;
  const range =
    most === fewest
      ? `${most}`
      : most === Number.POSITIVE_INFINITY
        ? `${fewest} or more`
        : `${fewest} to ${most}`;
  throw new AdvarenaError('MODEL_INPUTS', `${node.op} has ${count} inputs where it takes ${range}.`, {
    where: `${where}, node ${nodeLabel(node)}`,
    remedy: 'Export the model again, or check the operator against its definition.',
  });
}

function checkAttributes(node: Node, where: string): void {
  const wrong = mistyped(node);
  if (wrong === undefined) return;
  throw new AdvarenaError(
    'MODEL_ATTRIBUTE',
    `The attribute ${wrong.name} of ${node.op} is of type ${wrong.found} where it takes ${wrong.wanted}.`,
    {
      where: `${where}, node ${nodeLabel(node)}`,
      remedy: 'Export the model again, or check the operator against its definition.',
    },
  );
}

/** Operators that an infinite constant leaves well behaved: masks of attention, bounds of Clip, and their making. */
const takesInfinity: ReadonlySet<string> = new Set(
  (
    'Add Clip Max Min Where Pad Trilu Cast Expand Concat Reshape Slice Gather Squeeze Unsqueeze Transpose ' +
    'Equal Less Greater IsInf ScatterND Attention'
  ).split(' '),
);

function checkConstants(graph: Graph, where: string): void {
  let readers: Map<string, Node[]> | undefined;
  for (const [constant, value] of graph.initializers) {
    const found = notFinite(value);
    if (found === undefined) continue;
    readers ??= readersIn(graph);
    const reader = readers.get(constant)?.find((n) => found.nan || !takesInfinity.has(n.op));
    if (reader === undefined) continue;
    throw new AdvarenaError(
      'MODEL_NAN',
      `The constant "${constant}" holds ${found.nan ? 'NaN' : 'infinity'} at element ${found.at}.`,
      {
        where: `${where}, read by node ${nodeLabel(reader)}`,
        remedy: 'Export a checkpoint from before the training diverged.',
      },
    );
  }
  for (const node of graph.nodes)
    for (const a of Object.values(node.attributes)) if (a.type === 'graph') checkConstants(a.value, where);
}

/** The nodes that read each tensor. */
function readersIn(graph: Graph): Map<string, Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes)
    for (const name of reads(node)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  return readers;
}

/** The first NaN, or else the first infinity. */
function notFinite(t: AnyTensor): { nan: boolean; at: number } | undefined {
  const bits = t.dtype === 'float16' ? 0x7c00 : t.dtype === 'bfloat16' ? 0x7f80 : 0;
  let infinity = -1;
  if (bits !== 0) {
    const data = t.data as Uint16Array;
    for (let i = 0; i < data.length; i++) {
      const size = (data[i] as number) & 0x7fff;
      if (size > bits) return { nan: true, at: i };
      if (size === bits && infinity < 0) infinity = i;
    }
  } else if (t.dtype === 'float32' || t.dtype === 'float64') {
    for (let i = 0; i < t.data.length; i++) {
      const v = t.data[i] as number;
      if (Number.isNaN(v)) return { nan: true, at: i };
      if ((v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY) && infinity < 0) infinity = i;
    }
  }
  return infinity < 0 ? undefined : { nan: false, at: infinity };
}
