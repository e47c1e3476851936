import type { GraphBuilder, Node } from '../onnx/index.ts';
import { intAttribute } from '../onnx/index.ts';
import { joinHeads, splitHeads } from './attention.ts';
import { add, mul, sub } from './emit.ts';
import { named } from './unroll.ts';

export interface Rotary {
  /** [N, heads, length, size] or [N, length, heads·size]. */
  readonly x: string;
  /** [places, half], or [N, length, half] where there are no positions. */
  readonly cosines: string;
  readonly sines: string;
  /** [N, length], or ''. */
  readonly positions: string;
}

/** The node that makes the output: each pair of features turned. Undefined where the size of heads is not known. */
export function rotated(b: GraphBuilder, node: Node, r: Rotary): Node[] | undefined {
  const whole = b.shape(r.x);
  const half = b.shape(r.cosines)?.at(-1);
  const given = intAttribute(node, 'num_heads', 0);
  const width = whole?.at(-1);
  const turned = intAttribute(node, 'rotary_embedding_dim', 0);
  if (typeof half !== 'number' || typeof width !== 'number') return undefined;
  const heads = given === 0 && whole?.length === 3 && turned === 0 ? width / (2 * half) : given;
  const x = splitHeads(b, r.x, heads);
  const size = x === undefined ? undefined : b.shape(x)?.at(-1);
  if (x === undefined || typeof size !== 'number') return undefined;
  const angle = (cache: string): string => {
    const each = r.positions === '' ? cache : b.op('Gather', [cache, r.positions]);
    return b.op('Unsqueeze', [each, b.ints([1])]);
  };
  const [cos, sin] = [angle(r.cosines), angle(r.sines)];
  const cut = (from: number, to: number, step = 1): string =>
    b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([-1]), b.ints([step])]);
  const interleaved = intAttribute(node, 'interleaved', 0) === 1;
  const [first, second] = interleaved
    ? [cut(0, 2 * half, 2), cut(1, 2 * half, 2)]
    : [cut(0, half), cut(half, 2 * half)];
  const parts = [
    sub(b, mul(b, first, cos), mul(b, second, sin)),
    add(b, mul(b, first, sin), mul(b, second, cos)),
  ];
  let out = b.op('Concat', parts, { axis: -1 });
  if (interleaved) {
    const order = Array.from({ length: 2 * half }, (_, i) => Math.floor(i / 2) + (i % 2) * half);
    out = b.op('Gather', [out, b.ints(order)], { axis: -1 });
  }
  if (size > 2 * half) out = b.op('Concat', [out, cut(2 * half, size)], { axis: -1 });
  const output = node.outputs[0] as string;
  return [whole?.length === 4 ? named(out, output) : joinHeads(b, out, output)];
}
