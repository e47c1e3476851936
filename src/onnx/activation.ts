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
  const found = ownOf(b, node, axis) ?? clipped(b, node, axis) ?? mixtureOf(b, node, axis);
  if (found?.before === undefined || axis === batch) return found;
  return { node: found.node, op: found.op };
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
