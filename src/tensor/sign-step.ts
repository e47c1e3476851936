import { bytes } from './generated/sign-step.ts';
import { openWasm } from './wasm.ts';

/** Pixels per call: three arrays of them fit the first-level cache and one page of the loop's memory. */
const most = 4096;

interface Loop {
  memory: { buffer: ArrayBuffer };
  /** Up to byte `end`, four pixels at a time. */
  step(end: number, size: number, epsilon: number): void;
}

let ready: { loop: Loop; x: Float32Array; g: Float32Array; clean: Float32Array } | undefined;

function open(): NonNullable<typeof ready> {
  const loop = openWasm(bytes) as Loop;
  const part = (n: number): Float32Array => new Float32Array(loop.memory.buffer, 4 * most * n, most);
  return { loop, x: part(0), g: part(1), clean: part(2) };
}

/**
 * x ← Π(x + size·sign(g)), in place: step and projection on the linf ball around `clean` cut with [0,1], computed in
 * double precision. sign(0) = 0, and a gradient that is NaN moves nothing; a pixel that is NaN counts as the clean one.
 * In WebAssembly, for it runs at every step over every pixel: the same loop in JavaScript takes three to eight times
 * as long (docs/performance.md).
 * @param x float32 pixels
 * @param g their gradient
 * @param size in pixel units, finite, negative to descend
 * @param epsilon radius; Infinity where the range alone binds
 * @param clean pixels in [0,1]
 */
export function signStep(
  x: Float32Array,
  g: Float32Array,
  size: number,
  epsilon: number,
  clean: Float32Array,
): void {
  ready ??= open();
  const { loop } = ready;
  for (let from = 0; from < x.length; from += most) {
    const part = x.subarray(from, from + most);
    ready.x.set(part);
    ready.g.set(g.subarray(from, from + most));
    ready.clean.set(clean.subarray(from, from + most));
    loop.step(4 * part.length, size, epsilon);
    part.set(part.length === most ? ready.x : ready.x.subarray(0, part.length));
  }
}
