import type { GraphBuilder, Node } from '../onnx/index.ts';
import { intAttribute, nodeLabel, normalizeAxis } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { AdvarenaError, numbers, sizeOf } from '../tensor/index.ts';
import { castTo, mul, reduceSum, reshapeLike, sub } from './emit.ts';
import { shapeKnown, unknownShape } from './indexing.ts';

// What the rules of the quantised operators share. An integer q stands for scale · (q − zero).

const ranges: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** The smallest and the largest value of the type that a QuantizeLinear node makes. */
export function rangeOf(b: GraphBuilder, node: Node): readonly [number, number] {
  const dtype = b.type(node.outputs[0] as string)?.dtype;
  const range = dtype === undefined ? undefined : ranges[dtype];
  if (range !== undefined) return range;
  throw new AdvarenaError('NO_GRADIENT', `No gradient for a QuantizeLinear into ${dtype ?? 'this type'}.`, {
    where: `node ${nodeLabel(node)}`,
    remedy: 'Quantise to 8 or 16 bits, or pass a rule for it in overrides.',
  });
}

/**
 * A scale or zero point of a QuantizeLinear or DequantizeLinear node so that it broadcasts against `like`, the
 * quantised tensor: single, one per slice of the node's axis, or one per block along it.
 */
export function perElement(b: GraphBuilder, node: Node, parameter: string, like: string): string {
  const shape = shapeKnown(b, parameter);
  if (shape.length === 0) return parameter;
  if (shape.length === 1 && shape[0] === 1) return b.op('Reshape', [parameter, b.ints([])]);
  const whole = shapeKnown(b, like);
  const axis = normalizeAxis(intAttribute(node, 'axis', 1), whole.length);
  const block = intAttribute(node, 'block_size', 0);
  if (shape.length === 1 && block === 0)
    return b.op('Reshape', [parameter, b.ints(whole.map((_, i) => (i === axis ? -1 : 1)))]);
  const size = whole[axis];
  if (block === 0) return parameter;
  if (typeof size !== 'number')
    throw unknownShape(`The gradient of ${node.op} needs the size of axis ${axis} of "${like}".`, like);
  const indices = Array.from({ length: size }, (_, i) => Math.floor(i / block));
  return b.op('Gather', [parameter, b.ints(indices)], { axis });
}

/**
 * The gradient of a scale from what each element of the quantised tensor gives it, in the forms of {@link perElement}.
 * @throws AdvarenaError NO_GRADIENT where there is one per block
 */
export function perParameter(b: GraphBuilder, node: Node, each: string, parameter: string): string {
  const [shape, rank] = [shapeKnown(b, parameter), shapeKnown(b, each).length];
  if (intAttribute(node, 'block_size', 0) !== 0)
    throw new AdvarenaError('NO_GRADIENT', `${node.op} has no gradient for the scales of blocks.`, {
      where: `node ${nodeLabel(node)}`,
      remedy: `Pass a rule for ${node.op} in overrides.`,
    });
  const single = shape.length === 0 || shape[0] === 1;
  const axis = single ? -1 : normalizeAxis(intAttribute(node, 'axis', 1), rank);
  const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  return reshapeLike(b, axes.length === 0 ? each : reduceSum(b, each, axes, false), parameter);
}

/** An integer tensor less its zero point, as real numbers. @param zero '' where there is none */
export function lessZero(b: GraphBuilder, x: string, zero: string, dtype: DType = 'float32'): string {
  const real = castTo(b, x, dtype);
  return zero === '' ? real : sub(b, real, castTo(b, zero, dtype));
}

/**
 * The real values of a quantised operand: computed here where all is constant, so that the runtime has them as
 * plain weights, by DequantizeLinear else.
 * @param axis of a scale that is a vector
 */
export function dequantised(b: GraphBuilder, x: string, scale: string, zero: string, axis: number): string {
  const values = [x, scale, zero].map((name) => b.constantValue(name));
  const [q, s, z] = values;
  if (q === undefined || s === undefined || (zero !== '' && z === undefined))
    return b.op('DequantizeLinear', [x, scale, zero], { axis });
  return b.constant(dequantisedConstant(q, s, z, axis), `${x}_real`);
}

function dequantisedConstant(
  q: AnyTensor,
  scale: AnyTensor,
  zero: AnyTensor | undefined,
  axis: number,
): AnyTensor {
  const [integers, scales] = [numbers(q), numbers(scale)];
  const zeros = zero === undefined ? [0] : numbers(zero);
  const single = scales.length === 1 && zeros.length === 1;
  const at = single ? 0 : normalizeAxis(axis, q.shape.length);
  const inner = sizeOf(q.shape.slice(at + 1));
  const slices = q.shape[at] ?? 1;
  const data = Float32Array.from(integers, (v, i) => {
    const slice = Math.floor(i / inner) % slices;
    const s = scales.length === 1 ? scales[0] : scales[slice];
    const z = zeros.length === 1 ? zeros[0] : zeros[slice];
    return Math.fround((v - (z as number)) * (s as number));
  });
  return { dtype: 'float32', shape: q.shape, data };
}

/** An int32 bias, whose scale is the product of those given and whose zero point is 0, as real values. */
export function realBias(b: GraphBuilder, bias: string, scales: readonly string[]): string {
  return scales.reduce((x, s) => mul(b, x, s), castTo(b, bias, 'float32'));
}

/** The node that quantises `real` into the outputs of `node`. */
export function quantise(node: Node, real: string, scale: string, zero: string): Node[] {
  const inputs = zero === '' ? [real, scale] : [real, scale, zero];
  return [{ ...node, op: 'QuantizeLinear', domain: '', inputs, attributes: {} }];
}

/** Of an operator [a, scale, zero, b, scale, zero, scale of y, zero of y]: `op` over the dequantised operands. */
export function betweenTwo(op: string, b: GraphBuilder, node: Node): Node[] {
  const [a = '', sa = '', za = '', c = '', sc = '', zc = '', sy = '', zy = ''] = node.inputs;
  const real = b.op(op, [dequantised(b, a, sa, za, -2), dequantised(b, c, sc, zc, -1)]);
  return quantise(node, real, sy, zy);
}

/** Of an operator [x, scale, zero, scale of y, zero of y]: `apply` to the dequantised x. */
export function ofOne(b: GraphBuilder, node: Node, apply: (real: string) => string): Node[] {
  const [x = '', sx = '', zx = '', sy = '', zy = ''] = node.inputs;
  return quantise(node, apply(dequantised(b, x, sx, zx, 1)), sy, zy);
}

/**
 * `apply` to images with their channels first, and back where they come last.
 * @param last by default what the attribute `channels_last` says
 */
export function channelsFirst(
  b: GraphBuilder,
  node: Node,
  { x, last = intAttribute(node, 'channels_last', 0) === 1 }: { x: string; last?: boolean },
  apply: (x: string) => string,
): string {
  if (!last) return apply(x);
  const axes = shapeKnown(b, x).map((_, i) => i);
  const inner = axes.slice(1, -1);
  const first = b.op('Transpose', [x], { perm: [0, axes.length - 1, ...inner] });
  return b.op('Transpose', [apply(first)], { perm: [0, ...inner.map((i) => i + 1), 1] });
}

/** The nodes that make x·w + bias, in real numbers, in the place of a node. @param bias '' where there is none */
export function realProduct(b: GraphBuilder, node: Node, x: string, w: string, bias: string): Node[] {
  const plain = { ...node, domain: '', attributes: {} };
  if (bias === '') return [{ ...plain, op: 'MatMul', inputs: [x, w] }];
  return [{ ...plain, op: 'Add', inputs: [b.op('MatMul', [x, w]), bias] }];
}
