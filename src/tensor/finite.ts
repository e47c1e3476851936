import { bytes } from './generated/finite.ts';
import { openWasm } from './wasm.ts';

/** Numbers per call: they fit the first-level cache. */
const most = 4096;

interface Loop {
  memory: { buffer: ArrayBuffer };
  /** Up to byte `end`, eight numbers at a time. */
  finite(end: number): number;
}

let ready: { loop: Loop; part: Float32Array } | undefined;

function open(): NonNullable<typeof ready> {
  const loop = openWasm(bytes) as Loop;
  return { loop, part: new Float32Array(loop.memory.buffer, 0, most) };
}

/** Whether all numbers of [from, to) are finite. In WebAssembly, for gradients are looked at in every step. */
export function allFinite(data: Float32Array, from = 0, to = data.length): boolean {
  ready ??= open();
  const { loop, part } = ready;
  for (let at = from; at < to; at += most) {
    const count = Math.min(most, to - at);
    part.set(data.subarray(at, at + count));
    part.fill(0, count, (count + 7) & ~7);
    if (loop.finite(4 * count) === 0) return false;
  }
  return true;
}
