import { numbers } from '../tensor/index.ts';
import { type Activation, before, behind, isAll, onlyValue, ownOf, plain } from './activation-forms.ts';
import type { GraphBuilder } from './builder.ts';
import { floatAttribute, type Node } from './graph.ts';

/** Operators that choose among columns: what was a probability stays one. */
const choosing: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Split']);

/**
 * The activation that a tensor comes out of, if there is one: a node of its own, or written out in others, as exports
 * by hand have it: e^z / Σ e^z with or without the largest z taken off first, its logarithm, 1 / (1 + e^-z); and what
 * is chosen, clipped or averaged of them. A softmax over the batch is none.
 * @param batch the tensor's axis of images
 */
export function activationOf(b: GraphBuilder, tensor: string, batch = 0): Activation | undefined {
  const { node, batch: axis } = behind(b, tensor, batch);
  if (node?.domain !== '') return undefined;
  const found =
    ownOf(b, node, axis) ??
    clipped(b, node, axis) ??
    mixtureOf(b, node, axis) ??
    scaledOf(b, node, axis)?.activation;
  if (found?.before === undefined || axis === batch) return found;
  const { before: _, ...rest } = found;
  return rest;
}

/** A clip that only keeps probabilities off 0 and 1, as logarithms want it: the largest stays the largest. */
function clipped(b: GraphBuilder, node: Node, batch: number): Activation | undefined {
  if (node.op !== 'Clip') return undefined;
  const bound = (at: number, name: string, fallback: number): number => {
    const input = node.inputs[at];
    if (input === undefined || input === '') return floatAttribute(node, name, fallback);
    const held = b.constantValue(input);
    return held === undefined ? Number.NaN : (numbers(held)[0] ?? fallback);
  };
  const [low, high] = [bound(1, 'min', 0), bound(2, 'max', 1)];
  if (!(low <= 1e-3 && high >= 1 - 1e-3)) return undefined;
  const found = activationOf(b, node.inputs[0] ?? '', batch);
  return found?.op === 'LogSoftmax' ? undefined : found;
}

/** So near to 1 is a factor, and to 0 a summand, that keeps what it is for from being 0. */
const slight = 1e-3;

/** A softmax times a positive number, plus a number. */
function scaledOf(
  b: GraphBuilder,
  node: Node,
  batch: number,
): { activation: Activation; scale: number; shift: number } | undefined {
  const [first = '', second = ''] = node.inputs;
  const by = onlyValue(b, second);
  const turned = by === undefined && (node.op === 'Mul' || node.op === 'Add');
  const value = turned ? onlyValue(b, first) : by;
  if (value === undefined) return summedOf(b, node, batch);
  const { node: last, batch: axis } = behind(b, turned ? second : first, batch);
  if (last?.domain !== '') return undefined;
  const whole = ownOf(b, last, axis) ?? clipped(b, last, axis) ?? mixtureOf(b, last, axis);
  const inner = whole ? { activation: whole, scale: 1, shift: 0 } : scaledOf(b, last, axis);
  if (inner?.activation.op !== 'Softmax') return undefined;
  const factor = node.op === 'Mul' ? value : node.op === 'Div' ? 1 / value : 1;
  const summand = node.op === 'Add' ? value : node.op === 'Sub' ? -value : 0;
  if (!(factor > 0) || (factor === 1 && summand === 0)) return undefined;
  const [scale, shift] = [inner.scale * factor, inner.shift * factor + summand];
  const { scaled: _, before: logits, ...rest } = inner.activation;
  const kept = Math.abs(scale - 1) < slight && Math.abs(shift) < slight;
  const activation = {
    ...rest,
    ...(logits !== undefined && axis === batch && { before: logits }),
    ...(!kept && { scaled: true as const }),
  };
  return { activation, scale, shift };
}

/** A sum of softmaxes. */
function summedOf(b: GraphBuilder, node: Node, batch: number): ReturnType<typeof scaledOf> {
  const found = weightsIn(b, node, batch);
  if (found?.op !== 'Softmax' || !(found.weight > 0)) return undefined;
  return { activation: { node, op: 'Softmax', scaled: true }, scale: found.weight, shift: 0 };
}

/** What is chosen or averaged of probabilities: no logits before it have the same meaning. */
function mixtureOf(b: GraphBuilder, node: Node, batch: number): Activation | undefined {
  if (complements(b, node)) return { node, op: 'Softmax' };
  const found = weightsIn(b, node, batch);
  return found !== undefined && Math.abs(found.weight - 1) < 1e-3 ? { node, op: found.op } : undefined;
}

/** [1 - p, p], or the other way round, of a sigmoid: the probabilities of two classes. */
function complements(b: GraphBuilder, node: Node): boolean {
  if (node.op !== 'Concat' || node.inputs.length !== 2) return false;
  const rest = (name: string): string | undefined => {
    const sub = plain(b, name, 'Sub');
    return sub !== undefined && isAll(b, sub.inputs[0] ?? '', 1) ? sub.inputs[1] : undefined;
  };
  const [one = '', two = ''] = node.inputs;
  const p = rest(one) === two ? two : rest(two) === one ? one : undefined;
  return p !== undefined && activationOf(b, p)?.op === 'Sigmoid';
}

/** The weights with which a node sums probabilities up: 1 in all where it is a mean of them. */
function weightsIn(
  b: GraphBuilder,
  node: Node,
  batch: number,
): { weight: number; op: Activation['op'] } | undefined {
  const of = (tensor: string) => {
    const inner = behind(b, tensor, before(b, node, batch));
    if (inner.node?.domain !== '') return undefined;
    const own = ownOf(b, inner.node, inner.batch) ?? clipped(b, inner.node, inner.batch);
    if (own === undefined) return weightsIn(b, inner.node, inner.batch);
    return own.op === 'LogSoftmax' ? undefined : { weight: 1, op: own.op };
  };
  const scaled = (tensor: string, by: string, power: number) => {
    const factor = onlyValue(b, by);
    const found = factor === undefined ? undefined : of(tensor);
    return found && factor !== undefined ? { ...found, weight: found.weight * factor ** power } : undefined;
  };
  const all = () => {
    const found = node.inputs.map(of);
    const known = found.filter((f) => f !== undefined);
    return known.length === found.length && known.every((f) => f.op === known[0]?.op) ? known : undefined;
  };
  const [first = '', second = ''] = node.inputs;
  switch (node.op) {
    case 'Concat': {
      const parts = all();
      return parts?.every((f) => f.weight === parts[0]?.weight) ? parts[0] : undefined;
    }
    case 'Add':
    case 'Mean':
    case 'Sum': {
      const parts = all();
      const [one] = parts ?? [];
      const sum = (parts ?? []).reduce((total, { weight }) => total + weight, 0);
      return one && { op: one.op, weight: node.op === 'Mean' ? sum / node.inputs.length : sum };
    }
    case 'Div':
      return scaled(first, second, -1);
    case 'Mul':
      return scaled(first, second, 1) ?? scaled(second, first, 1);
    default:
      return choosing.has(node.op) || node.op === 'ReduceMean' ? of(first) : undefined;
  }
}
