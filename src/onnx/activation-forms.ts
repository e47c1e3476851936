import { numbers } from '../tensor/index.ts';
import type { GraphBuilder } from './builder.ts';
import { intAttribute, intsAttribute, type Node } from './graph.ts';

/** The last function of a network: what makes its output's numbers what they are. */
export interface Activation {
  /** The node that gives them: its last one, where it is written out in several. */
  readonly node: Node;
  readonly op: 'LogSoftmax' | 'Sigmoid' | 'Softmax';
  /** The tensor of logits before it; none where what lies behind it would be lost with it. */
  readonly before?: string;
  /** Set where a number is multiplied or added behind it: the largest stays the largest, but they are no shares. */
  readonly scaled?: true;
}

/** Operators behind an activation that change types, axes or last digits alone. */
const passing: ReadonlySet<string> = new Set(
  'Cast DequantizeLinear Dropout Flatten Identity QuantizeLinear Reshape Squeeze Transpose Unsqueeze'.split(
    ' ',
  ),
);

/** The node that makes a tensor, seen through those that change types, axes or last digits alone. */
export function lastNode(b: GraphBuilder, tensor: string): Node | undefined {
  let node = b.maker(tensor);
  while (node !== undefined && passing.has(node.op)) node = b.maker(node.inputs[0] as string);
  return node;
}

/** As {@link lastNode}, and which axis of its output is the batch's. @param batch that of the tensor */
export function behind(
  b: GraphBuilder,
  tensor: string,
  batch = 0,
): { node: Node | undefined; batch: number } {
  let node = b.maker(tensor);
  let axis = batch;
  while (node !== undefined && passing.has(node.op)) {
    axis = before(b, node, axis);
    node = b.maker(node.inputs[0] as string);
  }
  return { node, batch: axis };
}

/** Where a node's input has the axis that is `axis` of its output. */
export function before(b: GraphBuilder, node: Node, axis: number): number {
  const rank = b.shape(node.inputs[0] ?? '')?.length ?? 2;
  const held = b.constantValue(node.inputs[1] ?? '');
  const axes = Array.from(held === undefined ? (intsAttribute(node, 'axes') ?? []) : numbers(held));
  if (node.op === 'Transpose') return intsAttribute(node, 'perm')?.[axis] ?? rank - 1 - axis;
  if (node.op === 'Unsqueeze')
    return axis - axes.filter((a) => (a < 0 ? a + rank + axes.length : a) < axis).length;
  const gone =
    node.op === 'Squeeze' || (node.op.startsWith('Reduce') && intAttribute(node, 'keepdims', 1) === 0);
  if (!gone) return axis;
  const removed = new Set(axes.map((a) => (a < 0 ? a + rank : a)));
  const left = Array.from({ length: rank }, (_, i) => i).filter((i) => !removed.has(i));
  return left[axis] ?? axis;
}

/** The activation that a node gives, alone or as the last of several. */
export function ownOf(b: GraphBuilder, node: Node, batch: number): Activation | undefined {
  const [first = '', second = ''] = node.inputs;
  const made = (op: Activation['op'], before: string | undefined): Activation | undefined =>
    before === undefined ? undefined : { node, op, before };
  switch (node.op) {
    case 'Sigmoid':
      return made('Sigmoid', first);
    case 'LogSoftmax':
    case 'Softmax':
      return made(node.op, overClasses(b, first, softmaxAxes(b, node), batch) ? first : undefined);
    case 'Div':
      return (
        made('Softmax', shares(b, first, second, batch)) ??
        made('Sigmoid', isAll(b, first, 1) ? odds(b, second) : oddsOver(b, first, second)) ??
        made('Sigmoid', isAll(b, second, 2) ? tangent(b, besideOne(b, first)) : undefined)
      );
    case 'Mul':
      return (
        made('Softmax', shares(b, first, inputOf(b, second, 'Reciprocal'), batch)) ??
        made('Softmax', shares(b, second, inputOf(b, first, 'Reciprocal'), batch)) ??
        made('Sigmoid', isAll(b, first, 0.5) ? tangent(b, besideOne(b, second)) : undefined) ??
        made('Sigmoid', isAll(b, second, 0.5) ? tangent(b, besideOne(b, first)) : undefined)
      );
    case 'Add':
      return (
        made('Sigmoid', isAll(b, first, 0.5) ? tangent(b, halved(b, second)) : undefined) ??
        made('Sigmoid', isAll(b, second, 0.5) ? tangent(b, halved(b, first)) : undefined)
      );
    case 'Pow':
      return made('Sigmoid', isAll(b, second, -1) ? odds(b, first) : undefined);
    case 'Reciprocal':
      return made('Sigmoid', odds(b, first));
    case 'Sub':
      return made('LogSoftmax', logShares(b, first, second, batch));
    case 'Log':
      return made('LogSoftmax', within(b, first, 'Softmax', batch));
    case 'Exp':
      return made('Softmax', within(b, first, 'LogSoftmax', batch));
    default:
      return undefined;
  }
}

/** The logits of an activation of the given kind that makes a tensor itself. */
function within(b: GraphBuilder, tensor: string, op: Activation['op'], batch: number): string | undefined {
  const found = behind(b, tensor, batch);
  const own = found.node?.domain === '' ? ownOf(b, found.node, found.batch) : undefined;
  return own?.op === op && found.batch === batch ? own.before : undefined;
}

/** z, of e^z and its sum over the classes. */
function shares(b: GraphBuilder, powers: string, sum: string | undefined, batch: number): string | undefined {
  const exponent = exponentOf(b, powers);
  if (exponent === undefined || sum === undefined) return undefined;
  const summands = summed(b, sum, ['ReduceSum', 'ReduceL1'], batch);
  return exponentOf(b, summands) === exponent ? shifted(b, exponent, batch) : undefined;
}

/** z, of z and log Σ e^z. */
function logShares(b: GraphBuilder, scores: string, log: string, batch: number): string | undefined {
  const sum = inputOf(b, log, 'Log');
  const from =
    (sum === undefined
      ? exponentOf(b, summed(b, log, ['ReduceLogSum'], batch))
      : exponentOf(b, summed(b, sum, ['ReduceSum', 'ReduceL1'], batch))) ??
    summed(b, log, ['ReduceLogSumExp'], batch);
  return from !== undefined && from === same(b, scores) ? shifted(b, scores, batch) : undefined;
}

/** z, of 1 + e^-z. */
function odds(b: GraphBuilder, sum: string): string | undefined {
  return negated(b, exponentOf(b, besideOne(b, sum)));
}

/** z, of e^z and 1 + e^z. */
function oddsOver(b: GraphBuilder, power: string, sum: string): string | undefined {
  const exponent = exponentOf(b, power);
  return exponent !== undefined && exponentOf(b, besideOne(b, sum)) === exponent ? exponent : undefined;
}

/** x, of 1 + x. */
function besideOne(b: GraphBuilder, sum: string): string | undefined {
  const [first = '', second = ''] = plain(b, sum, 'Add')?.inputs ?? [];
  if (isAll(b, first, 1)) return second;
  return isAll(b, second, 1) ? first : undefined;
}

/** x, of x/2. */
function halved(b: GraphBuilder, tensor: string): string | undefined {
  const [first = '', second = ''] = plain(b, tensor, 'Mul')?.inputs ?? [];
  if (isAll(b, second, 0.5)) return first;
  if (isAll(b, first, 0.5)) return second;
  const [whole, two = ''] = plain(b, tensor, 'Div')?.inputs ?? [];
  return isAll(b, two, 2) ? whole : undefined;
}

/** z, of tanh(z/2), which is twice the sigmoid of z less 1; half of it, where the half is within weights. */
function tangent(b: GraphBuilder, tensor: string | undefined): string | undefined {
  const half = inputOf(b, tensor, 'Tanh');
  return half === undefined ? undefined : (halved(b, half) ?? half);
}

/** z, of -z however it is written. */
function negated(b: GraphBuilder, tensor: string | undefined): string | undefined {
  const node = tensor === undefined ? undefined : maker(b, tensor);
  const [first = '', second = ''] = node?.inputs ?? [];
  if (node?.op === 'Neg') return first;
  if (node?.op === 'Sub' && isAll(b, first, 0)) return second;
  if ((node?.op === 'Mul' || node?.op === 'Div') && isAll(b, second, -1)) return first;
  return node?.op === 'Mul' && isAll(b, first, -1) ? second : undefined;
}

/** z, of e^z. */
function exponentOf(b: GraphBuilder, tensor: string | undefined): string | undefined {
  const node = tensor === undefined ? undefined : maker(b, tensor);
  const [first = '', second = ''] = node?.inputs ?? [];
  if (node?.op === 'Exp') return same(b, first);
  return node?.op === 'Pow' && isAll(b, first, Math.fround(Math.E)) ? same(b, second) : undefined;
}

/** z, of z less its largest, which changes no share; other tensors as they are. */
function shifted(b: GraphBuilder, tensor: string, batch: number): string {
  const [scores = '', largest = ''] = plain(b, tensor, 'Sub')?.inputs ?? [];
  const from = scores === '' ? undefined : summed(b, largest, ['ReduceMax'], batch);
  return from !== undefined && from === same(b, scores) ? scores : tensor;
}

/** What is reduced over the classes, with an axis of one element left in their place. */
function summed(b: GraphBuilder, tensor: string, ops: readonly string[], batch: number): string | undefined {
  const node = lastNode(b, tensor);
  const [from] = node?.inputs ?? [];
  if (node?.domain !== '' || !ops.includes(node.op) || from === undefined) return undefined;
  // Without it the sums of [N, K] are [N], which would be taken for one of each class.
  if (intAttribute(node, 'keepdims', 1) === 0 && b.shape(tensor)?.length !== b.shape(from)?.length)
    return undefined;
  const held = b.constantValue(node.inputs[1] ?? '');
  const axes = held === undefined ? intsAttribute(node, 'axes') : numbers(held);
  return overClasses(b, from, axes, batch) ? same(b, from) : undefined;
}

/** Axes over which a softmax goes: all from its own on, before opset 13. */
function softmaxAxes(b: GraphBuilder, node: Node): readonly number[] {
  const old = b.opset('') < 13;
  const axis = intAttribute(node, 'axis', old ? 1 : -1);
  const rank = b.shape(node.inputs[0] ?? '')?.length;
  if (!old || rank === undefined) return [axis];
  const from = axis < 0 ? axis + rank : axis;
  return Array.from({ length: rank - from }, (_, i) => from + i);
}

/** Whether axes are of more than one element, and none is the batch's. @param axes all, where there are none */
function overClasses(
  b: GraphBuilder,
  tensor: string,
  axes: ArrayLike<number> | undefined,
  batch: number,
): boolean {
  const shape = b.shape(tensor);
  if (shape === undefined) return axes?.length === 1 && (axes[0] === 1 || axes[0] === -1);
  const rank = shape.length;
  const over = new Set(
    axes === undefined || axes.length === 0
      ? shape.keys()
      : Array.from(axes, (axis) => (axis < 0 ? axis + rank : axis)),
  );
  if (rank > 1 && over.has(batch) && shape[batch] !== 1) return false;
  return shape.some((size, axis) => size !== 1 && over.has(axis));
}

function inputOf(b: GraphBuilder, tensor: string | undefined, op: string): string | undefined {
  return tensor === undefined ? undefined : plain(b, tensor, op)?.inputs[0];
}

export function plain(b: GraphBuilder, tensor: string, op: string): Node | undefined {
  const node = maker(b, tensor);
  return node?.op === op ? node : undefined;
}

function maker(b: GraphBuilder, tensor: string): Node | undefined {
  const node = b.maker(same(b, tensor));
  return node?.domain === '' ? node : undefined;
}

/** The tensor itself, before copies and changes of its type. */
function same(b: GraphBuilder, tensor: string): string {
  const node = b.maker(tensor);
  if (node?.domain !== '' || (node.op !== 'Cast' && node.op !== 'Identity')) return tensor;
  return same(b, node.inputs[0] as string);
}

export function isAll(b: GraphBuilder, tensor: string, value: number): boolean {
  const held = b.constantValue(tensor);
  if (held === undefined) return false;
  const all = numbers(held);
  return all.length > 0 && all.every((v) => Math.abs(v - value) <= 1e-6 * Math.abs(value));
}

export function onlyValue(b: GraphBuilder, tensor: string): number | undefined {
  const held = b.constantValue(tensor);
  const all = held === undefined ? [] : numbers(held);
  return all.length === 1 ? all[0] : undefined;
}
