import { numbers } from '../tensor/index.ts';
import type { GraphBuilder } from './builder.ts';
import { intsAttribute, type Node } from './graph.ts';

/** The last function of a network: what makes its output's numbers what they are. */
export interface Activation {
  /** The node that gives them: its last one, where it is written out in several. */
  readonly node: Node;
  readonly op: 'LogSoftmax' | 'Sigmoid' | 'Softmax';
  /** The tensor of logits before it. */
  readonly before: string;
}

/** Operators behind an activation that change types, axes or last digits alone. */
const passing: ReadonlySet<string> = new Set(
  'Cast DequantizeLinear Flatten Identity QuantizeLinear Reshape Squeeze Transpose Unsqueeze'.split(' '),
);

/** The node that makes a tensor, seen through those that change types, axes or last digits alone. */
export function lastNode(b: GraphBuilder, tensor: string): Node | undefined {
  let node = b.maker(tensor);
  while (node !== undefined && passing.has(node.op)) node = b.maker(node.inputs[0] as string);
  return node;
}

/**
 * The activation that a tensor comes out of, if there is one: a node of its own, or written out in others, as exports
 * by hand have it: e^z / Σ e^z with or without the largest z taken off first, its logarithm, 1 / (1 + e^-z).
 */
export function activationOf(b: GraphBuilder, tensor: string): Activation | undefined {
  const node = lastNode(b, tensor);
  if (node === undefined || node.domain !== '') return undefined;
  const [first = '', second = ''] = node.inputs;
  const made = (op: Activation['op'], before: string | undefined): Activation | undefined =>
    before === undefined ? undefined : { node, op, before };
  switch (node.op) {
    case 'LogSoftmax':
    case 'Sigmoid':
    case 'Softmax':
      return made(node.op, first);
    case 'Div':
      return (
        made('Softmax', shares(b, first, second)) ??
        made('Sigmoid', isOne(b, first) ? odds(b, second) : undefined)
      );
    case 'Mul':
      return made(
        'Softmax',
        shares(b, first, inputOf(b, second, 'Reciprocal')) ??
          shares(b, second, inputOf(b, first, 'Reciprocal')),
      );
    case 'Reciprocal':
      return made('Sigmoid', odds(b, first));
    case 'Sub':
      return made('LogSoftmax', logShares(b, first, second));
    case 'Log':
      return made('LogSoftmax', within(b, first, 'Softmax'));
    case 'Exp':
      return made('Softmax', within(b, first, 'LogSoftmax'));
    default:
      return undefined;
  }
}

/** The logits of an activation of the given kind that makes a tensor itself. */
function within(b: GraphBuilder, tensor: string, op: Activation['op']): string | undefined {
  const found = activationOf(b, tensor);
  return found?.op === op ? found.before : undefined;
}

/** z, of e^z and its sum over the classes. */
function shares(b: GraphBuilder, powers: string, sum: string | undefined): string | undefined {
  const exponent = inputOf(b, powers, 'Exp');
  if (exponent === undefined || sum === undefined) return undefined;
  return inputOf(b, summed(b, sum, 'ReduceSum'), 'Exp') === exponent ? shifted(b, exponent) : undefined;
}

/** z, of z and log Σ e^z. */
function logShares(b: GraphBuilder, scores: string, log: string): string | undefined {
  const sum = inputOf(b, log, 'Log');
  const from =
    sum === undefined ? summed(b, log, 'ReduceLogSumExp') : inputOf(b, summed(b, sum, 'ReduceSum'), 'Exp');
  return from === scores ? shifted(b, scores) : undefined;
}

/** z, of 1 + e^-z. */
function odds(b: GraphBuilder, sum: string): string | undefined {
  const node = plain(b, sum, 'Add');
  const power = node?.inputs.find((name) => inputOf(b, name, 'Exp') !== undefined);
  const one = node?.inputs.find((name) => name !== power);
  if (power === undefined || one === undefined || !isOne(b, one)) return undefined;
  return inputOf(b, inputOf(b, power, 'Exp'), 'Neg');
}

/** z, of z less its largest, which changes no share; other tensors as they are. */
function shifted(b: GraphBuilder, tensor: string): string {
  const [scores = '', largest = ''] = plain(b, tensor, 'Sub')?.inputs ?? [];
  return scores !== '' && summed(b, largest, 'ReduceMax') === scores ? scores : tensor;
}

/** What is reduced over one axis that is not the batch's. */
function summed(b: GraphBuilder, tensor: string, op: string): string | undefined {
  const node = lastNode(b, tensor);
  if (node?.domain !== '' || node.op !== op) return undefined;
  const held = b.constantValue(node.inputs[1] ?? '');
  const axes = held === undefined ? intsAttribute(node, 'axes') : numbers(held);
  return axes?.length === 1 && axes[0] !== 0 ? node.inputs[0] : undefined;
}

function inputOf(b: GraphBuilder, tensor: string | undefined, op: string): string | undefined {
  return tensor === undefined ? undefined : plain(b, tensor, op)?.inputs[0];
}

function plain(b: GraphBuilder, tensor: string, op: string): Node | undefined {
  const node = b.maker(tensor);
  return node?.domain === '' && node.op === op ? node : undefined;
}

function isOne(b: GraphBuilder, tensor: string): boolean {
  const value = b.constantValue(tensor);
  return value !== undefined && numbers(value).every((v) => v === 1);
}
