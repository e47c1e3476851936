import { fromBinary } from '@bufbuild/protobuf';
import type { AnyTensor, DataTypes, DType } from '../tensor/index.ts';
import { AdvarenaError, allocate, int64, scalar, sizeOf, tensor } from '../tensor/index.ts';
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  TypeProto,
} from './generated/onnx_pb.ts';
import {
  AttributeProto_AttributeType as A,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from './generated/onnx_pb.ts';
import type { Attribute, Graph, GraphFunction, Node, ValueInfo, ValueType } from './graph.ts';
import { reads } from './traverse.ts';
import { dtypeOf } from './types.ts';

export interface ReadOptions {
  /** What messages call the model: its path. */
  name?: string;
  /**
   * Reads a file of external data, by its location relative to the model. The location is checked before:
   * it never leaves the model's folder.
   */
  external?: (location: string) => Uint8Array;
}

/**
 * An ONNX model (the bytes of a file) as a {@link Graph}. Constant nodes become initializers, nodes are put in
 * topological order, `ai.onnx` is read as the empty domain.
 * @throws AdvarenaError ONNX_READ if the bytes are no ONNX model or cut short, name what they lack otherwise
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Graph {
  const where = options.name ?? 'the model';
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
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
  const context: Context = { where, external: options.external };
  try {
    return {
      ...readGraph(model.graph, context, opsets),
      functions: model.functions.map((f) => readFunction(f, context)),
      metadata: Object.fromEntries(model.metadataProps.map((m) => [m.key, m.value])),
    };
  } catch (error) {
    if (error instanceof AdvarenaError) throw error;
    throw new AdvarenaError('ONNX_READ', (error as Error).message, { where, cause: error });
  }
}

interface Context {
  where: string;
  external: ReadOptions['external'];
}

function opsetsOf(imports: readonly { domain: string; version: bigint }[]): Map<string, number> {
  return new Map(imports.map((o) => [standardDomain(o.domain), Number(o.version)]));
}

function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readGraph(proto: GraphProto, context: Context, opsets: ReadonlyMap<string, number>): Graph {
  const initializers = new Map<string, AnyTensor>();
  for (const t of proto.initializer) initializers.set(t.name, readTensor(t, context));
  const nodes: Node[] = [];
  for (const n of proto.node) {
    const node = readNode(n, context, opsets);
    const constant = node.op === 'Constant' && node.domain === '' ? constantOf(node) : undefined;
    if (constant !== undefined && node.outputs[0] !== undefined) initializers.set(node.outputs[0], constant);
    else nodes.push(node);
  }
  const inputs = proto.input.filter((i) => !initializers.has(i.name)).map((i) => readValue(i));
  const values = new Map<string, ValueType>();
  for (const v of proto.valueInfo) {
    const type = readType(v);
    if (type !== undefined) values.set(v.name, type);
  }
  return {
    name: proto.name,
    nodes: sortNodes(nodes, context.where),
    inputs,
    outputs: proto.output.map((o) => readValue(o)),
    initializers,
    values,
    opsets,
    functions: [],
    metadata: {},
  };
}

function readValue(proto: { name: string; type?: TypeProto | undefined }): ValueInfo {
  const type = readType(proto) ?? { dtype: 'float32', shape: undefined };
  return { name: proto.name, ...type };
}

/** A size without a name gets a symbol of its own: nothing says that it equals another's. */
function readType({ name, type }: { name: string; type?: TypeProto | undefined }): ValueType | undefined {
  if (type?.value.case !== 'tensorType') return undefined;
  const dtype = dtypeOf(type.value.value.elemType);
  if (dtype === undefined) return undefined;
  const shape = type.value.value.shape?.dim.map((d, axis) => {
    if (d.value.case === 'dimValue') return Number(d.value.value);
    if (d.value.case === 'dimParam' && d.value.value !== '') return d.value.value.replaceAll('*', '·');
    return `?${name.replaceAll('*', '·')}:${axis}`;
  });
  return { dtype, shape };
}

function readNode(proto: NodeProto, context: Context, opsets: ReadonlyMap<string, number>): Node {
  const attributes: Record<string, Attribute> = {};
  for (const a of proto.attribute) attributes[a.name] = readAttribute(a, context, opsets);
  return {
    op: proto.opType,
    domain: standardDomain(proto.domain),
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes,
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

function readAttribute(a: AttributeProto, context: Context, opsets: ReadonlyMap<string, number>): Attribute {
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

function readFunction(proto: FunctionProto, context: Context): GraphFunction {
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
    nodes: proto.node.map((n) => readNode(n, context, opsets)),
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

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function readTensor(proto: TensorProto, context: Context): AnyTensor {
  const what = `the constant "${proto.name}"`;
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined)
    throw new AdvarenaError(
      'ONNX_TYPE',
      `${what} has element type ${proto.dataType}, which is not supported.`,
      {
        where: context.where,
        remedy: 'Export the model with float, integer or boolean constants.',
      },
    );
  const shape = proto.dims.map(Number);
  const size = sizeOf(shape);
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL)
    return fromBytes(dtype, shape, readExternal(proto, context), what, context);
  if (proto.rawData.length > 0 || size === 0) return fromBytes(dtype, shape, proto.rawData, what, context);
  const data = typedData(proto, dtype);
  if (data.length !== size)
    throw new AdvarenaError(
      'ONNX_READ',
      `${what} has ${data.length} elements for the shape [${shape.join(', ')}].`,
      {
        where: context.where,
        remedy: 'Export the model again.',
      },
    );
  return { dtype, shape, data } as AnyTensor;
}

/** Copies, for data in a message may start at any byte and would keep the whole file alive. */
function fromBytes(
  dtype: DType,
  shape: readonly number[],
  bytes: Uint8Array,
  what: string,
  context: Context,
): AnyTensor {
  const data = allocate(dtype, sizeOf(shape));
  if (dtype === 'string') throw new Error(`${what} holds strings as raw bytes`);
  const target = data as Exclude<typeof data, string[]>;
  if (target.byteLength !== bytes.length)
    throw new AdvarenaError(
      'ONNX_READ',
      `${what} has ${bytes.length} bytes where ${dtype} [${shape.join(', ')}] needs ${target.byteLength}.`,
      { where: context.where, remedy: 'The file is damaged or incomplete: export or copy it again.' },
    );
  const view = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  view.set(bytes);
  if (!littleEndian)
    for (let i = 0; i < view.length; i += target.BYTES_PER_ELEMENT)
      view.subarray(i, i + target.BYTES_PER_ELEMENT).reverse();
  return { dtype, shape, data } as AnyTensor;
}

function typedData(proto: TensorProto, dtype: DType): DataTypes[DType] {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data);
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number);
    case 'string':
      return proto.stringData.map((s) => new TextDecoder().decode(s));
    default: {
      const data = allocate(dtype, proto.int32Data.length);
      for (let i = 0; i < data.length; i++) data[i] = proto.int32Data[i] as number;
      return data;
    }
  }
}

function readExternal(proto: TensorProto, context: Context): Uint8Array {
  const entries = new Map(proto.externalData.map((e) => [e.key, e.value]));
  const location = entries.get('location') ?? '';
  const parts = location.split(/[\\/]/);
  if (location === '' || parts.includes('..') || parts[0] === '' || /^[A-Za-z]:/.test(location))
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" lies in "${location}", outside the model's folder.`,
      { where: context.where, remedy: 'Export the model with its data beside it.' },
    );
  if (context.external === undefined)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" lies in another file, "${location}".`,
      {
        where: context.where,
        remedy: 'Load the model by its path, so that the file beside it is found.',
      },
    );
  const file = context.external(location);
  const offset = Number(entries.get('offset') ?? 0);
  const length = entries.has('length') ? Number(entries.get('length')) : file.length - offset;
  if (offset < 0 || length < 0 || offset + length > file.length)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" needs bytes ${offset} to ${offset + length} of "${location}", which has ${file.length}.`,
      { where: context.where, remedy: 'The data file is cut short or of another model: copy it again.' },
    );
  return file.subarray(offset, offset + length);
}

/** Nodes in an order in which every tensor is made before it is read, keeping the given order where it can. */
function sortNodes(nodes: readonly Node[], where: string): Node[] {
  const producer = new Map<string, number>();
  for (const [i, node] of nodes.entries())
    for (const o of node.outputs) {
      if (o === '') continue;
      if (producer.has(o))
        throw new AdvarenaError('ONNX_GRAPH', `The tensor "${o}" is made by two nodes.`, {
          where,
          remedy: 'Export the model again: every tensor has one maker.',
        });
      producer.set(o, i);
    }
  const waiting = nodes.map((n) => new Set(reads(n).flatMap((r) => producer.get(r) ?? [])));
  if (waiting.every((w, i) => [...w].every((p) => p < i))) return [...nodes];
  const readers = nodes.map((): number[] => []);
  for (const [i, w] of waiting.entries()) for (const p of w) readers[p]?.push(i);
  const ready = [...nodes.keys()].filter((i) => waiting[i]?.size === 0);
  const order: Node[] = [];
  for (let i = ready.shift(); i !== undefined; i = ready.shift()) {
    order.push(nodes[i] as Node);
    for (const r of readers[i] as number[]) {
      waiting[r]?.delete(i);
      if (waiting[r]?.size === 0) ready.push(r);
    }
  }
  if (order.length < nodes.length) {
    const stuck = nodes.find((_, i) => (waiting[i]?.size ?? 0) > 0);
    throw new AdvarenaError('ONNX_GRAPH', 'The graph has a cycle.', {
      where: `${where}, near tensor "${stuck?.outputs[0]}"`,
      remedy: 'Export the model again: an ONNX graph has no cycles.',
    });
  }
  return order;
}
