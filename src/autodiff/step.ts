import type { GraphBuilder } from '../onnx/index.ts';
import { float } from '../onnx/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { tensor } from '../tensor/index.ts';
import { fromPhases, mapPhases, phasesOf } from './composed.ts';
import { mask, mul } from './emit.ts';
import type { Pick } from './pool/shift.ts';
import { pick } from './pool/shift.ts';

// Masks of 0 and 1. In float32 they are HardSigmoids so steep that no number lies between 0 and 1: exact for all
// but subnormal numbers, twice as fast as a comparison and its cast, and kept in the runtime's blocked layout.

const steepest = 3e38;

/** The slope that climbs from 0 to 1 between the bound and the float32 next to it on the side of `towards`. */
function slopeAt(bound: number, towards: 1 | -1): number {
  const size = Math.abs(Math.fround(bound));
  if (size === 0) return steepest;
  const exponent = Math.floor(Math.log2(size));
  const inner = Math.sign(bound) !== towards && size === 2 ** exponent;
  return Math.min(2 ** (23 - exponent + (inner ? 1 : 0)), steepest);
}

function step(b: GraphBuilder, x: string, alpha: number, beta: number): string {
  return b.op('HardSigmoid', [x], { alpha: float(alpha), beta: float(beta) });
}

/** Pixels of a map [N, C, H, W] that one phase of it holds; all of it where undefined. */
export type Place = readonly [rows: Pick, columns: Pick] | undefined;

/** 1 where x > 0, else 0. */
export function positive(b: GraphBuilder, x: string, place?: Place): string {
  if (place !== undefined) return step(b, pick(b, x, ...place, 1), steepest, 0);
  if (b.dtype(x) === 'float32') return step(b, x, steepest, 0);
  return mask(b, b.op('Greater', [x, b.scalar(0, b.dtype(x))]), x);
}

/** 1 where x ≥ bound, else 0. */
export function atLeast(b: GraphBuilder, x: string, bound: number): string {
  const slope = slopeAt(bound, -1);
  const offset = 1 - Math.fround(bound) * slope;
  if (b.dtype(x) === 'float32' && exact(offset)) return step(b, x, slope, offset);
  return mask(b, b.op('GreaterOrEqual', [x, b.scalar(bound, b.dtype(x))]), x);
}

/** 1 where x ≤ bound, else 0. */
export function atMost(b: GraphBuilder, x: string, bound: number): string {
  const slope = slopeAt(bound, 1);
  const offset = 1 + Math.fround(bound) * slope;
  if (b.dtype(x) === 'float32' && exact(offset)) return step(b, x, -slope, offset);
  return mask(b, b.op('LessOrEqual', [x, b.scalar(bound, b.dtype(x))]), x);
}

/** 1 where 0 < y < 1, else 0, for y in [0, 1]. */
export function inside(b: GraphBuilder, y: string): string {
  if (b.dtype(y) === 'float32') return mul(b, positive(b, y), step(b, y, -(2 ** 24), 2 ** 24));
  return mul(b, positive(b, y), mask(b, b.op('Less', [y, b.scalar(1, b.dtype(y))]), y));
}

/** Whether a depthwise convolution of x stays in the runtime's blocked layout: images of float32, channels by fours. */
export function takesDepthwise(b: GraphBuilder, x: string): boolean {
  const shape = b.shape(x);
  const channels = shape?.[1];
  return (
    b.dtype(x) === 'float32' && shape?.length === 4 && typeof channels === 'number' && channels % 4 === 0
  );
}

/** factor · x + offset as a depthwise 1×1 convolution; for tensors that {@link takesDepthwise}. */
export function depthwise(b: GraphBuilder, x: string, factor: number, offset?: number): string {
  const channels = b.shape(x)?.[1] as number;
  const weight: Tensor = tensor(new Float32Array(channels).fill(factor), [channels, 1, 1, 1]);
  const bias: Tensor = tensor(new Float32Array(channels).fill(offset ?? 0), [channels]);
  return b.op('Conv', [x, b.constant(weight), offset === undefined ? undefined : b.constant(bias)], {
    group: channels,
  });
}

/**
 * 1 where 0 < y < high, else 0, for y in [0, high] that {@link takesDepthwise}: where relu(2y − high) − y, which every
 * step computes exactly, is below zero.
 */
export function insideTent(b: GraphBuilder, y: string, high: number, place: Place = whole(b, y)): string {
  const over = b.op('Relu', [pick(b, y, ...place, 2, -high)]);
  return step(b, b.op('Add', [pick(b, y, ...place, -1), over]), -steepest, 0);
}

function whole(b: GraphBuilder, y: string): NonNullable<Place> {
  const [, , height, width] = b.shape(y) as [unknown, unknown, number, number];
  const all = (size: number): Pick => ({ offset: 0, stride: 1, inputs: size, outputs: size });
  return [all(height), all(width)];
}

/**
 * dy times a mask or slope made from `y`: phase by phase where `dy` is known by phases, for which only the strided
 * pixels of `y` are read.
 */
export function masked(b: GraphBuilder, dy: string, y: string, mask: (place?: Place) => string): string {
  const phases = phasesOf(b, dy);
  if (phases === undefined || !takesDepthwise(b, y)) return mul(b, dy, mask());
  const along = (axis: 0 | 1, offset: number, stride: number): Pick => {
    const inputs = phases.sizes[axis];
    return { offset, stride, inputs, outputs: Math.ceil(inputs / stride) };
  };
  const [rows, columns] = [phases.parts.length, phases.parts[0]?.length ?? 1];
  // Beyond its end `y` reads as 0, where every mask is 0.
  const change = (part: string, r: number, s: number): string =>
    mul(b, part, mask([along(0, r, rows), along(1, s, columns)]));
  return fromPhases(b, mapPhases(phases, change));
}

function exact(value: number): boolean {
  return Math.fround(value) === value;
}
