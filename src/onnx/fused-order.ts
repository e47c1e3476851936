import type { Node } from './graph.ts';
import { intAttribute } from './graph.ts';

/**
 * The order in which FusedMatMul takes the axes of an operand: with `transBatch` the first goes behind those of the
 * batch, with `trans` the last two change places.
 * @param rank of the operand; a vector stays as it is
 */
export function fusedMatMulOrder(node: Node, side: 'A' | 'B', rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, i) => i);
  if (rank < 2) return axes;
  const moved = intAttribute(node, `transBatch${side}`, 0) === 1;
  const order = moved ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  if (intAttribute(node, `trans${side}`, 0) !== 1) return order;
  return [...order.slice(0, -2), ...order.slice(-2).toReversed()];
}
