import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { AnyTensor } from '../tensor/index.ts';
import { wholeNumber } from '../tensor/index.ts';
import type {
  AttributeProto,
  AttributeProtoSchema,
  FunctionProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';
import {
  AttributeProto_AttributeType as A,
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';
import type { Attribute, Graph, GraphFunction, Node, ValueInfo } from './graph.ts';
import { onnxType } from './types.ts';

/** IR version written: the oldest that knows everything the standard opset of the graph may use. */
function irVersion(opset: number): number {
  if (opset >= 23) return 11;
  if (opset >= 21) return 10;
  return opset >= 19 ? 9 : 8;
}

/**
 * The bytes of an ONNX file. Types of intermediate tensors are written too: with them the runtime keeps the batch
 * symbol through operators by which it would lose it (measured: up to a fifth of a gradient's time).
 */
export function writeModel(graph: Graph): Uint8Array {
  return written(graph, tensorParts);
}

/** A model without its large weights, and these as files in memory, by the names that the model gives them. */
export interface ModelParts {
  model: Uint8Array;
  weights: { path: string; data: Uint8Array }[];
}

/** As {@link writeModel}, but nothing large is copied: `data` are views of the weights themselves. */
export function writeParts(graph: Graph): ModelParts {
  const weights: ModelParts['weights'] = [];
  const model = written(graph, (t, name) => {
    if (t.dtype === 'string' || t.data.byteLength < largeWeight) return tensorParts(t, name);
    const path = `weight-${weights.length}`;
    weights.push({ path, data: bytesOf(t) });
    const externalData = Object.entries({ location: path, offset: '0', length: String(t.data.byteLength) });
    const init = {
      ...tensorHead(t, name),
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: externalData.map(([key, value]) => ({ key, value })),
    };
    return [toBinary(TensorProtoSchema, create(TensorProtoSchema, init))];
  });
  return { model, weights };
}

/** In bytes; the runtime wants to see small ones, such as shapes, while it reads the graph. */
const largeWeight = 4096;

function written(graph: Graph, initializer: (t: AnyTensor, name: string) => Uint8Array[]): Uint8Array {
  const { name, node, ...after } = graphFields(graph);
  // The library copies what lies in nested messages once per level, and again whenever its buffer grows: seconds for
  // the weights of a large network. So it writes all but their data, in the order of fields, and each is copied once.
  return joined([
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: BigInt(irVersion(graph.opsets.get('') ?? 18)),
        producerName: 'advarena',
      }),
    ),
    ...field(7, [
      toBinary(GraphProtoSchema, create(GraphProtoSchema, { name, node })),
      ...[...graph.initializers].flatMap(([of, t]) => field(5, initializer(t, of))),
      toBinary(GraphProtoSchema, create(GraphProtoSchema, after)),
    ]),
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
        functions: graph.functions.map(functionInit),
        metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
      }),
    ),
  ]);
}

/** A tensor's message, its data apart. */
function tensorParts(t: AnyTensor, name: string): Uint8Array[] {
  if (t.dtype === 'string' || t.data.length === 0)
    return [toBinary(TensorProtoSchema, create(TensorProtoSchema, tensorInit(t, name)))];
  return [
    toBinary(TensorProtoSchema, create(TensorProtoSchema, tensorHead(t, name))),
    ...field(9, [bytesOf(t)]),
  ];
}

/** A field of the wire type "length-delimited": its tag, its length, its content. */
function field(number: number, content: readonly Uint8Array[]): Uint8Array[] {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish(), ...content];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function graphInit(graph: Graph): MessageInitShape<typeof GraphProtoSchema> {
  const initializer = [...graph.initializers].map(([name, t]) => tensorInit(t, name));
  return { ...graphFields(graph), initializer };
}

/** All but the initializers. */
function graphFields(graph: Graph) {
  return {
    name: graph.name === '' ? 'graph' : graph.name,
    node: graph.nodes.map(nodeInit),
    input: graph.inputs.map(valueInit),
    output: graph.outputs.map(valueInit),
    valueInfo: [...graph.values]
      .filter(([, type]) => type.shape !== undefined)
      .map(([name, type]) => valueInit({ name, ...type })),
  };
}

function valueInit(v: ValueInfo): MessageInitShape<typeof ValueInfoProtoSchema> {
  const shape =
    v.shape === undefined
      ? {}
      : {
          shape: {
            dim: v.shape.map((d) =>
              typeof d === 'number'
                ? { value: { case: 'dimValue' as const, value: BigInt(d) } }
                : d.includes('?')
                  ? {}
                  : { value: { case: 'dimParam' as const, value: d } },
            ),
          },
        };
  return {
    name: v.name,
    type: { value: { case: 'tensorType', value: { elemType: onnxType(v.dtype), ...shape } } },
  };
}

function nodeInit(node: Node): MessageInitShape<typeof NodeProtoSchema> {
  return {
    opType: node.op,
    domain: node.domain,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, a]) => attributeInit(name, a)),
  };
}

function attributeInit(name: string, a: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  const text = new TextEncoder();
  switch (a.type) {
    case 'int':
      return { name, type: A.INT, i: wholeNumber(a.value) };
    case 'float':
      return { name, type: A.FLOAT, f: a.value };
    case 'string':
      return { name, type: A.STRING, s: text.encode(a.value) };
    case 'ints':
      return { name, type: A.INTS, ints: a.value.map(wholeNumber) };
    case 'floats':
      return { name, type: A.FLOATS, floats: [...a.value] };
    case 'strings':
      return { name, type: A.STRINGS, strings: a.value.map((s) => text.encode(s)) };
    case 'tensor':
      return { name, type: A.TENSOR, t: tensorInit(a.value, '') };
    case 'graph':
      return { name, type: A.GRAPH, g: graphInit(a.value) };
    case 'reference':
      return { name, refAttrName: a.value };
    case 'opaque':
      return a.value as AttributeProto;
  }
}

function tensorInit(t: AnyTensor, name: string): MessageInitShape<typeof TensorProtoSchema> {
  const head = tensorHead(t, name);
  return t.dtype === 'string'
    ? { ...head, stringData: t.data.map((s) => new TextEncoder().encode(s)) }
    : { ...head, rawData: bytesOf(t) };
}

function tensorHead({ shape, dtype }: AnyTensor, name: string) {
  return { name, dims: shape.map(BigInt), dataType: onnxType(dtype) };
}

function bytesOf({ data }: Exclude<AnyTensor, { dtype: 'string' }>): Uint8Array {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

function functionInit(f: GraphFunction): MessageInitShape<typeof FunctionProtoSchema> {
  return {
    domain: f.domain,
    name: f.name,
    input: [...f.inputs],
    output: [...f.outputs],
    attribute: [...f.attributes],
    attributeProto: Object.entries(f.defaults).map(([name, a]) => attributeInit(name, a)),
    node: f.nodes.map(nodeInit),
    opsetImport: [...f.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
  };
}
