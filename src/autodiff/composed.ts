import type { GraphBuilder } from '../onnx/index.ts';
import { float } from '../onnx/index.ts';
import { int64, tensor } from '../tensor/index.ts';
import { trim } from './conv/emit-conv.ts';
import { interleave, spaced } from './conv/interleave.ts';
import { add, mul } from './emit.ts';
import { enlarge } from './pool/enlarge.ts';

// Gradients that were put together remember what from. A rule that can work on the parts does so and leaves the
// whole unused, and what nothing uses is pruned.

/** A map [N, C, H, W] by its pixels modulo (R, S): parts[r][s] holds those at (R·i + r, S·j + s). */
export interface Phases {
  /** All of one size, [N, C, ⌈H/R⌉, ⌈W/S⌉]; undefined where all are zero. */
  readonly parts: readonly (readonly (string | undefined)[])[];
  /** H and W. */
  readonly sizes: readonly [number, number];
  /** Whether what parts hold beyond these sizes is zero. */
  readonly clean: boolean;
}

interface Made {
  readonly phases?: Phases;
  /** Parts along the channels. */
  readonly channels?: readonly string[];
  readonly scaled?: Scaled;
  /** What every pixel is, [N, C, 1, 1]. */
  readonly spread?: string;
}

/** `of` times one factor per channel. */
export interface Scaled {
  readonly of: string;
  readonly factors: Float32Array;
}

const records = new WeakMap<GraphBuilder, Map<string, Made>>();

function record(b: GraphBuilder, name: string, made: Made): string {
  let known = records.get(b);
  if (known === undefined) records.set(b, (known = new Map()));
  known.set(name, made);
  return name;
}

/** The map whose phases are given; not all may be zero. */
export function fromPhases(b: GraphBuilder, phases: Phases): string {
  return record(b, trim(b, putTogether(b, phases.parts), phases.sizes), { phases });
}

function putTogether(b: GraphBuilder, parts: Phases['parts']): string {
  const [rows, columns] = [parts.length, parts[0]?.length ?? 1];
  const there = parts.flatMap((row, r) => row.flatMap((p, s) => (p === undefined ? [] : [{ p, r, s }])));
  const [some] = there as [(typeof there)[number]];
  if (rows * columns === 1) return some.p;
  if (there.length === 1 && b.dtype(some.p) === 'float32')
    return spaced(b, some.p, [some.r, some.s], [rows, columns]);
  let zeros: string | undefined;
  const filled = parts.map((row) =>
    row.map((p) => p ?? (zeros ??= b.op('HardSigmoid', [some.p], { alpha: float(0), beta: float(0) }))),
  );
  return interleave(b, filled);
}

export function phasesOf(b: GraphBuilder, name: string): Phases | undefined {
  return records.get(b)?.get(name)?.phases;
}

/** The phases with each part that is not zero changed. */
export function mapPhases(
  phases: Phases,
  change: (part: string, r: number, s: number) => string,
  clean = phases.clean,
): Phases {
  const parts = phases.parts.map((row, r) =>
    row.map((part, s) => (part === undefined ? undefined : change(part, r, s))),
  );
  return { ...phases, parts, clean };
}

/** The concatenation of parts along the channels. */
export function fromChannels(b: GraphBuilder, parts: readonly string[]): string {
  return record(b, b.op('Concat', parts, { axis: 1 }), { channels: parts });
}

export function channelsOf(b: GraphBuilder, name: string): readonly string[] | undefined {
  return records.get(b)?.get(name)?.channels;
}

/** `x` [N, C, ...] times one factor per channel. */
export function fromScaled(b: GraphBuilder, x: string, factors: Float32Array): string {
  const rank = b.shape(x)?.length ?? 4;
  const shape = [factors.length, ...Array.from({ length: rank - 2 }, () => 1)];
  return record(b, mul(b, x, b.constant(tensor(factors, shape), 'factors')), { scaled: { of: x, factors } });
}

export function scaledOf(b: GraphBuilder, name: string): Scaled | undefined {
  return records.get(b)?.get(name)?.scaled;
}

/** The map [N, C, ...sizes] of which every pixel is `x` [N, C, 1, ...]. */
export function fromSpread(b: GraphBuilder, x: string, sizes: readonly number[]): string {
  const channels = b.shape(x)?.[1];
  // Resize keeps the runtime's blocked layout, which other numbers of channels do not enter.
  const blocked = sizes.length === 2 && channels !== undefined && Number(channels) % 16 === 0;
  if (blocked && b.dtype(x) === 'float32') return record(b, enlarge(b, x, sizes), { spread: x });
  const ones = b.constant(int64([1, 1, ...sizes]), 'ints');
  return record(b, b.op('Expand', [x, ones]), { spread: x });
}

export function spreadOf(b: GraphBuilder, name: string): string | undefined {
  return records.get(b)?.get(name)?.spread;
}

/** p + q, by their parts where both are made of the same. */
export function addComposed(b: GraphBuilder, p: string, q: string): string {
  const [channels, others] = [channelsOf(b, p), channelsOf(b, q)];
  if (channels !== undefined && others !== undefined && sameChannels(b, channels, others))
    return fromChannels(
      b,
      channels.map((c, i) => add(b, c, others[i] as string)),
    );
  const [left, right] = [phasesOf(b, p), phasesOf(b, q)];
  if (left === undefined || right === undefined || !sameGrid(left, right))
    return add(b, blocked(b, p), blocked(b, q));
  const parts = left.parts.map((row, r) =>
    row.map((mine, s) => {
      const other = right.parts[r]?.[s];
      return mine === undefined || other === undefined ? (mine ?? other) : add(b, mine, other);
    }),
  );
  return fromPhases(b, { ...left, parts, clean: left.clean && right.clean });
}

/** A map put together with channels last would drag what it is added to out of the runtime's blocked layout. */
function blocked(b: GraphBuilder, x: string): string {
  if (phasesOf(b, x) === undefined) return x;
  return b.maker(x)?.op === 'Transpose' ? b.op('MaxPool', [x], { kernel_shape: [1, 1] }) : x;
}

function sameChannels(b: GraphBuilder, p: readonly string[], q: readonly string[]): boolean {
  return p.length === q.length && p.every((name, i) => b.shape(name)?.[1] === b.shape(q[i] as string)?.[1]);
}

function sameGrid(p: Phases, q: Phases): boolean {
  return (
    p.parts.length === q.parts.length &&
    p.parts[0]?.length === q.parts[0]?.length &&
    p.sizes.every((size, i) => size === q.sizes[i])
  );
}
