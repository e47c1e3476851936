import type { Attribute, Attributes, Graph, Node, ValueType } from '../onnx/index.ts';
import { dtypeOf, inline, intAttribute, namesIn, onnxType } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { numbers } from '../tensor/index.ts';

/** Attributes that name an element type. */
const typeAttributes: ReadonlySet<string> = new Set([
  'to',
  'dtype',
  'output_dtype',
  'softmax_precision',
  'stash_type',
]);

/**
 * The graph with float32 in the place of float16 and bfloat16, in which gradients underflow and which the runtime's
 * CPU casts around every node. Inputs and outputs keep their types, behind Casts; constants keep their names. What
 * the graph casts to float16 is rounded as it was, so that the same pixels enter.
 */
export function widen(graph: Graph): Graph {
  if (!holds(graph, isHalf)) return graph;
  const names = namesIn(graph);
  const renamed = new Map<string, string>();
  const entry: Node[] = [];
  const exit: Node[] = [];
  const values = new Map<string, ValueType>();
  const link = (name: string, type: ValueType): string => {
    const wide = freeName(`${name}_float32`, names);
    renamed.set(name, wide);
    values.set(wide, wider(type));
    return wide;
  };
  for (const input of graph.inputs)
    if (isHalf(input.dtype)) entry.push(cast(input.name, link(input.name, input), 'float32'));
  const made = new Set(graph.nodes.flatMap((n) => n.outputs));
  for (const output of graph.outputs)
    if (isHalf(output.dtype) && made.has(output.name) && !renamed.has(output.name))
      exit.push(cast(link(output.name, output), output.name, output.dtype));
  const inner = widened(graph, renamed, names);
  for (const [name, type] of inner.values) if (!values.has(name)) values.set(name, type);
  // A constant that is an output itself is float32 now.
  const outputs = graph.outputs.map((o) => (graph.initializers.has(o.name) ? { ...o, ...wider(o) } : o));
  return {
    ...inner,
    inputs: graph.inputs,
    outputs,
    nodes: [...entry, ...inner.nodes, ...exit],
    values,
  };
}

/**
 * The graph in float32 if it has bfloat16, for which the runtime's CPU has no kernels; else as it is.
 * @param keep tensors beside the outputs that must stay
 */
export function widenBrain(graph: Graph, keep: readonly string[] = []): Graph {
  const flat = inline(graph, keep);
  return holds(flat, (dtype) => dtype === 'bfloat16') ? widen(flat) : graph;
}

function isHalf(dtype: DType | undefined): boolean {
  return dtype === 'float16' || dtype === 'bfloat16';
}

/** Whether a graph has inputs, constants or operators of a type. */
function holds(graph: Graph, type: (dtype: DType | undefined) => boolean): boolean {
  return (
    [...graph.inputs, ...graph.initializers.values()].some((t) => type(t.dtype)) ||
    graph.nodes.some((n) =>
      Object.entries(n.attributes).some(
        ([name, a]) =>
          (a.type === 'int' && typeAttributes.has(name) && type(dtypeOf(a.value))) ||
          (a.type === 'tensor' && type(a.value.dtype)) ||
          (a.type === 'graph' && holds(a.value, type)),
      ),
    )
  );
}

function widened(graph: Graph, names: ReadonlyMap<string, string>, taken: Set<string>): Graph {
  const rename = (name: string): string => names.get(name) ?? name;
  const values = new Map([...graph.values].map(([name, type]) => [rename(name), wider(type)]));
  return {
    ...graph,
    inputs: graph.inputs.map((i) => ({ ...i, ...wider(i) })),
    outputs: graph.outputs.map((o) => ({ ...o, ...wider(o), name: rename(o.name) })),
    initializers: new Map([...graph.initializers].map(([name, t]) => [name, widerTensor(t)])),
    values,
    nodes: graph.nodes.flatMap((n) => {
      const wide: Node = {
        ...n,
        inputs: n.inputs.map(rename),
        outputs: n.outputs.map(rename),
        attributes: widerAttributes(n.attributes, names, taken),
      };
      return n.op === 'Cast' && n.domain === '' && intAttribute(n, 'to', 0) === onnxType('float16')
        ? rounded(wide, values, taken)
        : [wide];
    }),
  };
}

/** A Cast to float16 and back. */
function rounded(node: Node, values: Map<string, ValueType>, taken: Set<string>): Node[] {
  const [from = ''] = node.inputs;
  const [to = ''] = node.outputs;
  const half = freeName(`${to}_float16`, taken);
  values.set(half, { dtype: 'float16', shape: values.get(to)?.shape });
  return [{ ...cast(from, half, 'float16'), name: node.name }, cast(half, to, 'float32')];
}

function widerAttributes(
  attributes: Attributes,
  names: ReadonlyMap<string, string>,
  taken: Set<string>,
): Attributes {
  const change = (name: string, a: Attribute): Attribute => {
    if (a.type === 'graph') return { ...a, value: widened(a.value, names, taken) };
    if (a.type === 'tensor') return { ...a, value: widerTensor(a.value) };
    if (a.type === 'int' && typeAttributes.has(name) && isHalf(dtypeOf(a.value)))
      return { ...a, value: onnxType('float32') };
    return a;
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, a]) => [name, change(name, a)]));
}

function wider(type: ValueType): ValueType {
  return { dtype: isHalf(type.dtype) ? 'float32' : type.dtype, shape: type.shape };
}

function widerTensor(t: AnyTensor): AnyTensor {
  if (!isHalf(t.dtype)) return t;
  return { dtype: 'float32', shape: t.shape, data: Float32Array.from(numbers(t)) };
}

function cast(from: string, to: string, dtype: DType): Node {
  const attributes: Attributes = { to: { type: 'int', value: onnxType(dtype) } };
  return { op: 'Cast', domain: '', name: '', inputs: [from], outputs: [to], attributes };
}

function freeName(hint: string, taken: Set<string>): string {
  let name = hint;
  for (let n = 1; taken.has(name); n++) name = `${hint}_${n}`;
  taken.add(name);
  return name;
}
