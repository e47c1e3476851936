import type { GraphBuilder, Node } from '../onnx/index.ts';
import { add, div, mean, mul } from './emit.ts';

/** What is normalised: x over `axes`. */
export interface RootMeanSquare {
  readonly x: string;
  readonly scale: string;
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/**
 * The nodes that make the outputs of a normalisation by the root mean square: scale · x / √(mean square + ε), and the
 * inverse of the root.
 */
export function rootMeanSquare(b: GraphBuilder, node: Node, r: RootMeanSquare): Node[] {
  const number = (value: number): string => b.scalar(value, b.dtype(r.x));
  const power = add(b, mean(b, mul(b, r.x, r.x), r.axes), number(r.epsilon));
  const inverse = div(b, number(1), b.op('Sqrt', [power]));
  const [y = '', root = ''] = node.outputs;
  const plain = { ...node, domain: '', attributes: {} };
  const made: Node[] = [
    { ...plain, op: 'Mul', inputs: [mul(b, r.x, inverse), r.scale], outputs: [y] },
    { ...plain, op: 'Identity', name: '', inputs: [inverse], outputs: [root] },
  ];
  return made.filter((n) => n.outputs[0] !== '');
}
