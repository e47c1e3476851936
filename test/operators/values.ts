import type { AttributeInput } from '../../src/onnx/index.ts';
import { type AnyTensor, int64, scalar, type Tensor, tensor } from '../../src/tensor/index.ts';
import { drawn } from '../differences.ts';
import type { Case } from './case.ts';

// Words in which cases are written.

let seed = 0;

/** Numbers of [low, high), others for each input of a case, whatever cases stand before it. */
export const r = (shape: readonly number[], low = -1.5, high = 1.5): Tensor =>
  drawn(shape, low, high, ++seed);
export const positive = (shape: readonly number[]): Tensor => r(shape, 0.4, 1.6);
export const s = (value: number): Tensor => scalar(value, 'float32') as Tensor;
export const f = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(Float32Array.from(values), shape);
export const index = (value: number): AnyTensor => scalar(value, 'int64');
export const ints = (values: readonly number[], shape?: readonly number[]): AnyTensor => int64(values, shape);
export const int32s = (values: readonly number[], shape: readonly number[] = [values.length]): AnyTensor =>
  tensor<'int32'>(Int32Array.from(values), shape, 'int32');
export const bools = (values: readonly number[], shape: readonly number[] = [values.length]): AnyTensor =>
  tensor<'bool'>(Uint8Array.from(values), shape, 'bool');
export const bytes = (values: readonly number[], shape: readonly number[] = [values.length]): AnyTensor =>
  tensor<'uint8'>(Uint8Array.from(values), shape, 'uint8');

/** In both signs, away from 0. */
export function split(shape: readonly number[], low: number, high: number): Tensor {
  const t = r(shape, low, high);
  return tensor(
    t.data.map((v, i) => (i % 2 === 0 ? v : -v)),
    t.shape,
  );
}

/** Numbers that are apart by more than differences step. */
export function apart(shape: readonly number[]): Tensor {
  const count = shape.reduce((a, d) => a * d, 1);
  const stride = [37, 41, 43, 47].find((p) => count % p !== 0) ?? 1;
  return tensor(
    Float32Array.from({ length: count }, (_, i) => (((i * stride) % count) - count / 2) * 0.1 + 0.03),
    shape,
  );
}

/** Whole numbers from low to high. */
export const whole = (shape: readonly number[], low: number, high: number): Tensor => {
  const t = r(shape, low, high + 1);
  return tensor(
    t.data.map((v) => Math.floor(v)),
    t.shape,
  );
};

export const isFloat = (t: AnyTensor | undefined): boolean => t?.dtype.startsWith('float') === true;

export function c(
  operator: string,
  inputs: Case['inputs'],
  attributes: Readonly<Record<string, AttributeInput>> = {},
  more: Omit<Partial<Case>, 'operator' | 'inputs' | 'attributes'> = {},
): Case {
  seed = 0;
  return { operator, inputs, attributes, ...more };
}
