import { fromBinary } from '@bufbuild/protobuf';
import type { AnyTensor } from '../tensor/index.ts';
import { AdvarenaError, int64, scalar, tensor } from '../tensor/index.ts';
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TypeProto,
} from './generated/onnx_pb.ts';
import { AttributeProto_AttributeType as A, ModelProtoSchema } from './generated/onnx_pb.ts';
import type { Attribute, Dim, Graph, GraphFunction, Node, ValueInfo, ValueType } from './graph.ts';
import type { ExternalRange, TensorSource } from './read-tensor.ts';
import { readTensor } from './read-tensor.ts';
import { checkUnique, sortNodes } from './sort.ts';
import { dtypeOf } from './types.ts';

export interface ReadOptions {
  /** What messages call the model: its path. */
  name?: string;
  /**
   * Reads a part of a file of external data: fewer bytes where the file ends before. The location, relative to the
   * model, is checked before: it never leaves the model's folder, unless through a link.
   */
  external?: (location: string, range: ExternalRange) => Uint8Array;
}

/**
 * An ONNX model (the bytes of a file) as a {@link Graph}. Constant nodes become initializers, nodes are put in
 * topological order, `ai.onnx` is read as the empty domain.
 * @throws AdvarenaError ONNX_READ if the bytes are no ONNX model, cut short or contradict themselves, ONNX_GRAPH
 *   (names given twice, a cycle), ONNX_TYPE, ONNX_EXTERNAL
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Graph {
  const where = options.name ?? 'the model';
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    if ((cause as Error).message.includes('maximum recursion depth'))
      throw new AdvarenaError('ONNX_READ', 'Its graphs lie too deep within each other.', {
        where,
        remedy: 'Export the model with fewer levels of If, Loop and Scan: 30 are read.',
        cause,
      });
    throw new AdvarenaError('ONNX_READ', 'This is not an ONNX model, or the file is cut short.', {
      where,
      remedy: 'Export the model again, or copy the file anew and compare its size.',
      cause,
    });
  }
  if (model.graph === undefined || model.opsetImport.length === 0)
    throw new AdvarenaError('ONNX_READ', 'This is not an ONNX model: it holds no graph.', {
      where,
      remedy: 'Pass a file that was exported as ONNX.',
    });
  const opsets = opsetsOf(model.opsetImport);
  const context: TensorSource = { where, external: options.external };
  const functions = model.functions.map((f) => readFunction(f, context));
  const names = functions.map((f) => (f.domain === '' ? f.name : `${f.domain}.${f.name}`));
  checkUnique('function', names, where);
  return {
    ...readGraph(model.graph, context, opsets),
    functions,
    metadata: Object.fromEntries(model.metadataProps.map((m) => [m.key, m.value])),
  };
}

function opsetsOf(imports: readonly { domain: string; version: bigint }[]): Map<string, number> {
  return new Map(imports.map((o) => [standardDomain(o.domain), Number(o.version)]));
}

function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readGraph(proto: GraphProto, context: TensorSource, opsets: ReadonlyMap<string, number>): Graph {
  const { where } = context;
  const [inputNames, outputNames] = [proto.input, proto.output].map((list) => list.map((v) => v.name));
  checkUnique('input', inputNames as string[], where);
  checkUnique('output', outputNames as string[], where);
  const initializers = new Map(proto.initializer.map((t) => [t.name, readTensor(t, context)]));
  const given = proto.initializer.map((t) => t.name);
  const nodes: Node[] = [];
  for (const n of proto.node) {
    const node = readNode(n, context, opsets);
    const constant = node.op === 'Constant' && node.domain === '' ? constantOf(node) : undefined;
    const [name] = node.outputs;
    if (constant === undefined || name === undefined) nodes.push(node);
    else {
      initializers.set(name, constant);
      given.push(name);
    }
  }
  checkUnique('constant', given, where);
  const inputs = proto.input.filter((i) => !initializers.has(i.name)).map((i) => readValue(i, where));
  const values = new Map<string, ValueType>();
  for (const v of proto.valueInfo) {
    const type = readType(v, where);
    if (type !== undefined) values.set(v.name, type);
  }
  return {
    name: proto.name,
    nodes: sortNodes(nodes, new Set([...given, ...(inputNames as string[])]), where),
    inputs,
    outputs: proto.output.map((o) => readValue(o, where)),
    initializers,
    values,
    opsets,
    functions: [],
    metadata: {},
  };
}

interface NamedType {
  name: string;
  type?: TypeProto | undefined;
}

function readValue(proto: NamedType, where: string): ValueInfo {
  const type = readType(proto, where) ?? { dtype: 'float32', shape: undefined };
  return { name: proto.name, ...type };
}

/** A size without a name gets a symbol of its own: nothing says that it equals another's. */
function readType({ name, type }: NamedType, where: string): ValueType | undefined {
  if (type?.value.case !== 'tensorType') return undefined;
  const dtype = dtypeOf(type.value.value.elemType);
  if (dtype === undefined) return undefined;
  const shape = type.value.value.shape?.dim.map((d, axis): Dim => {
    const { case: kind, value } = d.value;
    // Some exporters write a size that is not known as -1.
    if (kind === 'dimValue' && value !== -1n) return sizeFrom(value, name, where);
    // Names that are read as numbers or as products would be taken for such.
    if (kind === 'dimParam' && value !== '' && !value.includes('?'))
      return value.replace(/^(?=\d+$)/, '·').replaceAll('*', '·');
    return `?${name.replaceAll('*', '·')}:${axis}`;
  });
  return { dtype, shape };
}

function sizeFrom(value: bigint, name: string, where: string): number {
  const size = Number(value);
  if (size >= 0 && Number.isSafeInteger(size)) return size;
  throw new AdvarenaError('ONNX_READ', `The tensor "${name}" has a size of ${value}.`, {
    where,
    remedy: 'The file is damaged: export or copy it again.',
  });
}

function readNode(proto: NodeProto, context: TensorSource, opsets: ReadonlyMap<string, number>): Node {
  return {
    op: proto.opType,
    domain: standardDomain(proto.domain),
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    // Not by assignment: an attribute may have the name of an object's own parts.
    attributes: Object.fromEntries(proto.attribute.map((a) => [a.name, readAttribute(a, context, opsets)])),
  };
}

/** Files of the oldest format state no attribute type: the field that is there counts. */
function typeOfAttribute(a: AttributeProto): number {
  if (a.type !== A.UNDEFINED) return a.type;
  if (a.t !== undefined) return A.TENSOR;
  if (a.g !== undefined) return A.GRAPH;
  if (a.floats.length > 0) return A.FLOATS;
  if (a.ints.length > 0) return A.INTS;
  if (a.strings.length > 0) return A.STRINGS;
  if (a.s.length > 0) return A.STRING;
  if (a.f !== 0) return A.FLOAT;
  return A.INT;
}

function readAttribute(
  a: AttributeProto,
  context: TensorSource,
  opsets: ReadonlyMap<string, number>,
): Attribute {
  if (a.refAttrName !== '') return { type: 'reference', value: a.refAttrName, of: a.name };
  const text = new TextDecoder();
  switch (typeOfAttribute(a)) {
    case A.FLOAT:
      return { type: 'float', value: a.f };
    case A.INT:
      return { type: 'int', value: Number(a.i) };
    case A.STRING:
      return { type: 'string', value: text.decode(a.s) };
    case A.FLOATS:
      return { type: 'floats', value: a.floats };
    case A.INTS:
      return { type: 'ints', value: a.ints.map(Number) };
    case A.STRINGS:
      return { type: 'strings', value: a.strings.map((s) => text.decode(s)) };
    case A.TENSOR:
      if (a.t !== undefined) return { type: 'tensor', value: readTensor(a.t, context) };
      break;
    case A.GRAPH:
      if (a.g !== undefined) return { type: 'graph', value: readGraph(a.g, context, opsets) };
      break;
  }
  return { type: 'opaque', value: a };
}

function readFunction(proto: FunctionProto, context: TensorSource): GraphFunction {
  const opsets = opsetsOf(proto.opsetImport);
  return {
    domain: standardDomain(proto.domain),
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes: proto.attribute,
    defaults: Object.fromEntries(
      proto.attributeProto.map((a) => [a.name, readAttribute(a, context, opsets)]),
    ),
    nodes: sortNodes(
      proto.node.map((n) => readNode(n, context, opsets)),
      new Set(proto.input),
      `${context.where}, function "${proto.name}"`,
    ),
    opsets,
  };
}

/** The tensor that a Constant node stands for; undefined for sparse constants and in functions with references. */
export function constantOf(node: Node): AnyTensor | undefined {
  for (const [name, a] of Object.entries(node.attributes)) {
    if (name === 'value' && a.type === 'tensor') return a.value;
    if (name === 'value_float' && a.type === 'float') return scalar(a.value);
    if (name === 'value_floats' && a.type === 'floats')
      return tensor(Float32Array.from(a.value), [a.value.length]);
    if (name === 'value_int' && a.type === 'int') return scalar(a.value, 'int64');
    if (name === 'value_ints' && a.type === 'ints') return int64(a.value);
    if (name === 'value_string' && a.type === 'string') return tensor<'string'>([a.value], [], 'string');
    if (name === 'value_strings' && a.type === 'strings')
      return tensor<'string'>([...a.value], [a.value.length], 'string');
  }
  return undefined;
}
