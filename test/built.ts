import { type Graph, GraphBuilder, type Shape } from '../src/onnx/index.ts';
import { type DType, scalar, type Tensor, tensor } from '../src/tensor/index.ts';

/** Appends nodes to a graph of the input x. @returns its output */
export type Build = (b: GraphBuilder, x: string) => string;

/** A graph from x to y. */
export function built(build: Build, shape: Shape = ['N', 4], dtype: DType = 'float32'): Graph {
  const b = new GraphBuilder();
  b.output(build(b, b.input('x', dtype, shape)), 'y');
  return b.finish();
}

export function yes(b: GraphBuilder): string {
  return b.constant(scalar(1, 'bool'));
}

/** Dropout as in training. */
export function dropout(ratio: number): Build {
  return (b, x) => b.op('Dropout', [x, b.scalar(ratio), yes(b)]);
}

export function full(value: number, shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((a, d) => a * d, 1)).fill(value), shape);
}
