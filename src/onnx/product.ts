import { broadcastShapes } from './dims.ts';
import type { Dim, Shape } from './graph.ts';

/**
 * Shape of numpy's matrix product: vectors count as a row on the left and a column on the right, leading axes
 * broadcast.
 */
export function productShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.length === 0 || b.length === 0) throw new Error('a scalar has no matrix product');
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const inner = left.at(-1);
  const other = right.at(-2);
  if (typeof inner === 'number' && typeof other === 'number' && inner !== other)
    throw new Error(`the inner sizes of [${a.join(', ')}] and [${b.join(', ')}] differ`);
  const lead = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  if (lead === undefined) return undefined;
  const out = [...lead];
  if (a.length > 1) out.push(left.at(-2) as Dim);
  if (b.length > 1) out.push(right.at(-1) as Dim);
  return out;
}
