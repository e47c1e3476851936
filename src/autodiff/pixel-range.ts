import type { GraphBuilder } from '../onnx/index.ts';
import { numbers } from '../tensor/index.ts';

const moving: ReadonlySet<string> = new Set(
  'Cast Flatten Gather Identity Reshape Slice Squeeze Transpose Unsqueeze'.split(' '),
);

/** Bounds of a tensor that constants make of pixels in [0,1]; undefined where anything else does. */
export function pixelRange(
  b: GraphBuilder,
  tensor: string,
  pixels: string | undefined,
): readonly [low: number, high: number] | undefined {
  if (tensor === pixels) return [0, 1];
  const node = b.maker(tensor);
  if (node?.domain !== '') return undefined;
  const [first = '', second = '', third = ''] = node.inputs;
  if (moving.has(node.op)) return pixelRange(b, first, pixels);
  const held = (name: string): number[] | undefined => {
    const value = name === '' ? undefined : b.constantValue(name);
    return value && [...numbers(value)];
  };
  if (node.op === 'Clip') {
    const inner = pixelRange(b, first, pixels);
    const [low = Number.NEGATIVE_INFINITY] = held(second) ?? [];
    const [high = Number.POSITIVE_INFINITY] = held(third) ?? [];
    return inner && [Math.min(high, Math.max(low, inner[0])), Math.min(high, Math.max(low, inner[1]))];
  }
  const step = steps.get(node.op);
  if (step === undefined) return undefined;
  const [left, right] = [first, second].map((name) => held(name) ?? pixelRange(b, name, pixels));
  if (left === undefined || right === undefined || left.length === 0 || right.length === 0) return undefined;
  const ends = left.flatMap((p) => right.map((q) => step(p, q)));
  const range = [ends.reduce((p, q) => Math.min(p, q)), ends.reduce((p, q) => Math.max(p, q))] as const;
  // Dividing by pixels has no bounds.
  return range.every(Number.isFinite) && !(node.op === 'Div' && held(second) === undefined)
    ? range
    : undefined;
}

const steps: ReadonlyMap<string, (p: number, q: number) => number> = new Map([
  ['Add', (p, q) => p + q],
  ['Div', (p, q) => p / q],
  ['Mul', (p, q) => p * q],
  ['Sub', (p, q) => p - q],
]);
