import { stringAttribute } from '../onnx/index.ts';
import { div, mask, mul, zerosLike } from './emit.ts';
import type { BackwardContext } from './rule.ts';

/** How a scatter operator reads and writes at its indices. */
export interface ScatterAccess {
  gather(x: string): string;
  scatter(base: string, values: string, reduction: string): string;
}

/**
 * Gradients of data, indices and updates of ScatterElements and ScatterND.
 * With r the reduction, y the result and u the updates:
 * none: dx = dy, zero where written; du = dy there. add: dx = dy; du = dy there.
 * mul: dx = dy · Π u; du = (dy · y there) / u. max, min: dy where x, or u, is the result.
 */
export function scatterBackward(c: BackwardContext, at: ScatterAccess): (string | undefined)[] {
  const { b, needs } = c;
  const [x, , u] = c.x as [string, string, string];
  const y = c.y[0] as string;
  const dy = c.dy[0] as string;
  const reduction = stringAttribute(c.node, 'reduction', 'none');
  const data = (): string => {
    if (reduction === 'none') return at.scatter(dy, zerosLike(b, u), 'none');
    if (reduction === 'add') return dy;
    if (reduction === 'mul') return at.scatter(dy, u, 'mul');
    return mul(b, dy, mask(b, b.op('Equal', [x, y]), x));
  };
  const updates = (): string => {
    if (reduction === 'mul') return div(b, at.gather(mul(b, dy, y)), u);
    const taken = at.gather(dy);
    if (reduction === 'none' || reduction === 'add') return taken;
    return mul(b, taken, mask(b, b.op('Equal', [u, at.gather(y)]), u));
  };
  return [needs(0) ? data() : undefined, undefined, needs(2) ? updates() : undefined];
}
