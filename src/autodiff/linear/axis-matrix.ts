import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { onnxType } from '../../onnx/index.ts';
import type { DType } from '../../tensor/index.ts';
import { unknownSize } from '../conv/geometry.ts';

/** A linear map of one axis, [outputs × inputs] in C order: y[i] = Σ_j values[i·inputs + j]·x[j]. */
export interface AxisMatrix {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: Float64Array;
}

/** The map with all weights zero. */
export function emptyMatrix(outputs: number, inputs: number): AxisMatrix {
  return { inputs, outputs, values: new Float64Array(outputs * inputs) };
}

/** Adds `weight` to the influence of input j on output i. */
export function addWeight(m: AxisMatrix, i: number, j: number, weight: number): void {
  const at = i * m.inputs + j;
  m.values[at] = (m.values[at] as number) + weight;
}

/**
 * The adjoint of a map that is separable: along each axis of the node's input its matrix, where one is given.
 * @param dy gradient of the node's output
 * @returns the gradient of its input
 */
export function adjoint(
  b: GraphBuilder,
  node: Node,
  dy: string,
  matrices: ReadonlyMap<number, AxisMatrix>,
): string {
  let out = dy;
  for (const [axis, matrix] of [...matrices].toSorted(([, p], [, q]) => growth(p) - growth(q)))
    out = transposeApply(b, node, out, axis, matrix);
  return out;
}

/** Axes that the adjoint shrinks come first: less is left to compute. */
function growth(m: AxisMatrix): number {
  return m.inputs / m.outputs;
}

/** Σ_i values[i, j]·x[.., i, ..] along one axis, as a product with a small constant matrix. */
function transposeApply(b: GraphBuilder, node: Node, x: string, axis: number, m: AxisMatrix): string {
  const shape = b.shape(x);
  if (shape === undefined) throw unknownSize(node, x);
  const dtype = b.dtype(x);
  if (axis === shape.length - 1) return b.op('MatMul', [x, matrixConstant(b, m, false, dtype)]);
  const left = matrixConstant(b, m, true, dtype);
  if (axis === shape.length - 2) return b.op('MatMul', [left, x]);
  const tail = shape.slice(axis + 1);
  if (tail.some((d) => typeof d !== 'number')) throw unknownSize(node, node.inputs[0] as string);
  // Axes behind become one, so that this one is the last but one.
  const keep = Array.from({ length: axis }, () => 0);
  const flat = b.op('Reshape', [x, b.ints([...keep, m.outputs, -1])]);
  const product = b.op('MatMul', [left, flat]);
  return b.op('Reshape', [product, b.ints([...keep, m.inputs, ...(tail as number[])])]);
}

function matrixConstant(b: GraphBuilder, m: AxisMatrix, transposed: boolean, dtype: DType): string {
  const data = new Float64Array(m.values.length);
  for (let i = 0; i < m.outputs; i++)
    for (let j = 0; j < m.inputs; j++)
      data[transposed ? j * m.outputs + i : i * m.inputs + j] = m.values[i * m.inputs + j] as number;
  const shape = transposed ? [m.inputs, m.outputs] : [m.outputs, m.inputs];
  if (dtype === 'float32') return b.constant({ dtype, shape, data: Float32Array.from(data) }, 'weights');
  const exact = b.constant({ dtype: 'float64', shape, data }, 'weights');
  return dtype === 'float64' ? exact : b.op('Cast', [exact], { to: onnxType(dtype) });
}
