import type { DType } from '../tensor/index.ts';
import { TensorProto_DataType as T } from './generated/onnx_pb.ts';

const numbersOf: Record<DType, number> = {
  float32: T.FLOAT,
  uint8: T.UINT8,
  int8: T.INT8,
  uint16: T.UINT16,
  int16: T.INT16,
  int32: T.INT32,
  int64: T.INT64,
  string: T.STRING,
  bool: T.BOOL,
  float16: T.FLOAT16,
  float64: T.DOUBLE,
  uint32: T.UINT32,
  uint64: T.UINT64,
  bfloat16: T.BFLOAT16,
};

const namesOf = new Map<number, DType>(Object.entries(numbersOf).map(([name, n]) => [n, name as DType]));

/** Number of an element type in ONNX messages and in the attribute `to` of Cast. */
export function onnxType(dtype: DType): number {
  return numbersOf[dtype];
}

/** Element type by its number in ONNX messages; undefined for those not supported (complex, 8-bit floats, 4-bit). */
export function dtypeOf(number: number): DType | undefined {
  return namesOf.get(number);
}
