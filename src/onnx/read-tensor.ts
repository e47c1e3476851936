import type { AnyTensor, DataTypes, DType } from '../tensor/index.ts';
import { AdvarenaError, allocate, sizeOf } from '../tensor/index.ts';
import type { TensorProto } from './generated/onnx_pb.ts';
import { TensorProto_DataLocation, TensorProto_DataType } from './generated/onnx_pb.ts';
import { dtypeOf } from './types.ts';

/** A part of a file of external data. */
export interface ExternalRange {
  readonly offset: number;
  readonly length: number;
}

export interface TensorSource {
  /** What messages call the model. */
  readonly where: string;
  readonly external: ((location: string, range: ExternalRange) => Uint8Array) | undefined;
}

const damaged = 'The file is damaged or incomplete: export or copy it again.';

/** @throws AdvarenaError ONNX_TYPE, ONNX_READ (data that do not fill the shape), ONNX_EXTERNAL */
export function readTensor(proto: TensorProto, source: TensorSource): AnyTensor {
  const what = `The constant "${proto.name}"`;
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) {
    const type = Object.entries(TensorProto_DataType).find(([, n]) => n === proto.dataType)?.[0];
    throw new AdvarenaError(
      'ONNX_TYPE',
      `${what} has element type ${type ?? proto.dataType}, which is not supported.`,
      {
        where: source.where,
        remedy: 'Export the model with float, integer or boolean constants.',
      },
    );
  }
  const shape = proto.dims.map(Number);
  const size = sizeOf(shape);
  if (shape.some((d) => d < 0 || !Number.isSafeInteger(d)) || !Number.isSafeInteger(8 * size))
    throw new AdvarenaError(
      'ONNX_READ',
      `${what} has the shape [${shape.join(', ')}], which no tensor has.`,
      {
        where: source.where,
        remedy: damaged,
      },
    );
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL)
    return fromBytes(dtype, shape, (length) => readExternal(proto, length, source), what, source);
  if (proto.rawData.length > 0) return fromBytes(dtype, shape, () => proto.rawData, what, source);
  const data = typedData(proto, dtype);
  if (data.length !== size)
    throw new AdvarenaError(
      'ONNX_READ',
      `${what} has ${data.length} elements for the shape [${shape.join(', ')}].`,
      { where: source.where, remedy: damaged },
    );
  return { dtype, shape, data } as AnyTensor;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Copies, for data in a message may start at any byte and would keep the whole file alive.
 * @param bytesOf gives the bytes, told how many are needed
 */
function fromBytes(
  dtype: DType,
  shape: readonly number[],
  bytesOf: (length: number) => Uint8Array,
  what: string,
  { where }: TensorSource,
): AnyTensor {
  if (dtype === 'string')
    throw new AdvarenaError('ONNX_READ', `${what} holds strings as raw bytes.`, { where, remedy: damaged });
  const width = (allocate(dtype, 0) as Uint8Array).BYTES_PER_ELEMENT;
  const needed = sizeOf(shape) * width;
  const bytes = bytesOf(needed);
  // Before memory is taken for a shape that may be any number.
  if (needed !== bytes.length)
    throw new AdvarenaError(
      'ONNX_READ',
      `${what} has ${bytes.length} bytes where ${dtype} [${shape.join(', ')}] needs ${needed}.`,
      { where, remedy: damaged },
    );
  const target = allocate(dtype, sizeOf(shape)) as Uint8Array;
  const view = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  view.set(bytes);
  if (!littleEndian) for (let i = 0; i < view.length; i += width) view.subarray(i, i + width).reverse();
  return { dtype, shape, data: target } as unknown as AnyTensor;
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

/** @param needed bytes of a tensor of this type and shape */
function readExternal(proto: TensorProto, needed: number, { where, external }: TensorSource): Uint8Array {
  const entries = new Map(proto.externalData.map((e) => [e.key, e.value]));
  const location = entries.get('location') ?? '';
  const parts = location.split(/[\\/]/);
  if (location === '' || parts.includes('..') || parts[0] === '' || /^[A-Za-z]:/.test(location))
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" lies in "${location}", outside the model's folder.`,
      { where, remedy: 'Export the model with its data beside it.' },
    );
  if (external === undefined)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" lies in another file, "${location}".`,
      { where, remedy: 'Load the model by its path, so that the file beside it is found.' },
    );
  const [from, count] = [entries.get('offset') ?? '0', entries.get('length') ?? String(needed)];
  const [offset, length] = [wholeNumber(from), wholeNumber(count)];
  if (offset === undefined || length === undefined)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" lies at offset "${from}", length "${count}" of "${location}": that is no place.`,
      { where, remedy: damaged },
    );
  if (length !== needed)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" has ${length} bytes in "${location}", where its shape needs ${needed}.`,
      { where, remedy: damaged },
    );
  const bytes = external(location, { offset, length });
  if (bytes.length !== length)
    throw new AdvarenaError(
      'ONNX_EXTERNAL',
      `The constant "${proto.name}" needs bytes ${offset} to ${offset + length} of "${location}", which ends before.`,
      { where, remedy: 'The data file is cut short or of another model: copy it again.' },
    );
  return bytes;
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
