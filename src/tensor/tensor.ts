import { fromBrain, fromHalf, toBrain, toHalf } from './half.ts';

/** Element types of ONNX tensors and the arrays that hold them. 16-bit floats are kept as their bits. */
export interface DataTypes {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
  string: string[];
}

export type DType = keyof DataTypes;

/** A dense array in C order. `Tensor` alone means float32, the type of images, logits and gradients. */
export interface Tensor<D extends DType = 'float32'> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataTypes[D];
}

/** A tensor of some element type: testing `dtype` narrows `data`. */
export type AnyTensor = { [D in DType]: Tensor<D> }[DType];

/** Images are float32 [N, C, H, W] with pixels in [0,1] unless a name says otherwise. */
export type Images = Tensor;

/** Size of one image. */
export interface InputSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** Number of elements of a shape; 1 for the empty shape of a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

const typed = Object.getPrototypeOf(Float32Array.prototype) as object;
function own(data: Float32Array, name: 'buffer' | 'byteOffset' | 'length'): unknown {
  return Reflect.get(typed, name, data);
}

/**
 * The same memory without what foreign code may have hung on the array: a length or a method of its own.
 * @throws TypeError where it is no typed array at all
 */
export function plain(data: Float32Array): Float32Array {
  const length = own(data, 'length') as number;
  // Memory that was given away has none, and no view of it can be made.
  if (length === 0) return new Float32Array(0);
  return new Float32Array(own(data, 'buffer') as ArrayBuffer, own(data, 'byteOffset') as number, length);
}

/** An array of `size` zeros (empty strings for `string`) of the type's own array class. */
export function allocate<D extends DType>(dtype: D, size: number): DataTypes[D] {
  if (dtype === 'string') return Array.from({ length: size }, () => '') as DataTypes[D];
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- without it the compiler refuses the index
  return new constructors[dtype as Exclude<DType, 'string'>](size) as DataTypes[D];
}

/**
 * A tensor over `data`, which is not copied.
 * @throws RangeError if the number of elements is not that of the shape.
 */
export function tensor(data: Float32Array, shape: readonly number[]): Tensor;
export function tensor<D extends DType>(data: DataTypes[D], shape: readonly number[], dtype: D): Tensor<D>;
export function tensor(
  data: DataTypes[DType],
  shape: readonly number[],
  dtype: DType = 'float32',
): Tensor<DType> {
  if (data.length !== sizeOf(shape))
    throw new RangeError(`${data.length} elements do not fill the shape [${shape.join(', ')}]`);
  return { dtype, shape, data };
}

/** float32 zeros. */
export function zeros(shape: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) };
}

/** An int64 tensor, as ONNX wants shapes, axes and labels. @param shape one axis unless given */
export function int64(
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
): Tensor<'int64'> {
  const data = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) data[i] = wholeNumber(values[i] as number);
  return tensor(data, shape, 'int64');
}

/**
 * A whole number as an int64. Those from 2^63 on, to which the largest int64 rounds as a number, give the largest:
 * it stands for "to the end" and would wrap to the smallest.
 */
export function wholeNumber(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}

/** A scalar (shape []) of the given type, float32 by default; for integer types the value must be whole. */
export function scalar(value: number, dtype: Exclude<DType, 'string'> = 'float32'): AnyTensor {
  const data = allocate(dtype, 1);
  (data as { [i: number]: number | bigint })[0] = encode(value, dtype);
  return { dtype, shape: [], data } as unknown as AnyTensor;
}

function encode(value: number, dtype: DType): number | bigint {
  if (dtype === 'int64') return wholeNumber(value);
  if (dtype === 'uint64') return BigInt(value);
  if (dtype === 'float16') return toHalf(value);
  return dtype === 'bfloat16' ? toBrain(value) : value;
}

/** The elements as JavaScript numbers (int64 loses precision beyond 2^53). @throws TypeError for strings */
export function numbers(t: AnyTensor): number[] {
  if (t.dtype === 'string') throw new TypeError('a tensor of strings has no numbers');
  if (t.dtype === 'float16') return Array.from(t.data, fromHalf);
  if (t.dtype === 'bfloat16') return Array.from(t.data, fromBrain);
  return Array.from(t.data as ArrayLike<number | bigint>, Number);
}

/** Elements in one row, that is in one index of the first axis. */
export function rowSize(t: AnyTensor): number {
  return sizeOf(t.shape.slice(1));
}

/** Rows [from, to) of the first axis, sharing memory with `t`. */
export function rows<D extends DType>(t: Tensor<D>, from: number, to: number): Tensor<D> {
  const size = sizeOf(t.shape.slice(1));
  const data = (t.data as unknown as Float32Array).subarray(from * size, to * size);
  return { dtype: t.dtype, shape: [to - from, ...t.shape.slice(1)], data: data as unknown as DataTypes[D] };
}

/** A new tensor of the rows named, in that order; a row may be named several times. */
export function takeRows<D extends DType>(t: Tensor<D>, indices: ArrayLike<number>): Tensor<D> {
  const size = sizeOf(t.shape.slice(1));
  const source = t.data as unknown as Float32Array;
  const data = allocate(t.dtype, indices.length * size) as unknown as Float32Array;
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * size;
    data.set(source.subarray(from, from + size), i * size);
  }
  return {
    dtype: t.dtype,
    shape: [indices.length, ...t.shape.slice(1)],
    data: data as unknown as DataTypes[D],
  };
}

/** One tensor of all rows. @throws RangeError if the parts differ beyond the first axis or there are none */
export function concatRows<D extends DType>(parts: readonly Tensor<D>[]): Tensor<D> {
  const first = parts[0];
  if (first === undefined) throw new RangeError('no parts to join');
  const tail = first.shape.slice(1);
  let count = 0;
  for (const part of parts) {
    if (part.shape.slice(1).join() !== tail.join() || part.dtype !== first.dtype)
      throw new RangeError(
        `cannot join ${part.dtype} [${part.shape.join(', ')}] to ${first.dtype} [${first.shape.join(', ')}]`,
      );
    count += part.shape[0] ?? 0;
  }
  const data = allocate(first.dtype, count * sizeOf(tail)) as unknown as Float32Array;
  let offset = 0;
  for (const part of parts) {
    data.set(part.data as unknown as Float32Array, offset);
    offset += part.data.length;
  }
  return { dtype: first.dtype, shape: [count, ...tail], data: data as unknown as DataTypes[D] };
}

/** A copy that shares nothing. */
export function clone<D extends DType>(t: Tensor<D>): Tensor<D> {
  return { dtype: t.dtype, shape: [...t.shape], data: t.data.slice() as DataTypes[D] };
}
