import { bytes } from './generated/philox.ts';
import { openWasm } from './wasm.ts';

/**
 * Philox4x32-10: a block of four words from a counter of four and a key of two.
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
 * @param out receives the block
 */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  // Signed 32-bit integers throughout: the engine keeps these in registers. Products are made of 16-bit halves.
  let a = c0 | 0;
  let b = c1 | 0;
  let c = c2 | 0;
  let d = c3 | 0;
  let k = k0 | 0;
  let l = k1 | 0;
  for (let round = 0; round < 10; round++) {
    let mid = (Math.imul(a >>> 16, 0x1f53) + (Math.imul(a & 0xffff, 0x1f53) >>> 16)) | 0;
    let low = (Math.imul(a & 0xffff, 0xd251) + (mid & 0xffff)) | 0;
    const high0 = (Math.imul(a >>> 16, 0xd251) + (mid >>> 16) + (low >>> 16)) | 0;
    const low0 = Math.imul(a, 0xd2511f53);
    mid = (Math.imul(c >>> 16, 0x8d57) + (Math.imul(c & 0xffff, 0x8d57) >>> 16)) | 0;
    low = (Math.imul(c & 0xffff, 0xcd9e) + (mid & 0xffff)) | 0;
    const high1 = (Math.imul(c >>> 16, 0xcd9e) + (mid >>> 16) + (low >>> 16)) | 0;
    const low1 = Math.imul(c, 0xcd9e8d57);
    a = high1 ^ b ^ k;
    b = low1;
    c = high0 ^ d ^ l;
    d = low0;
    k = (k + 0x9e3779b9) | 0;
    l = (l + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

interface Loop {
  memory: { buffer: ArrayBuffer };
  blocks(end: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void;
}

/** Blocks of one call: 16 KiB. */
export const mostBlocks = 1024;
let opened: { loop: Loop; words: Uint32Array } | undefined;

/**
 * The blocks of the counters (c0, …), (c0 + 1, …), …; c0 must not wrap. In WebAssembly, which multiplies 64 bits at once.
 * @param count up to {@link mostBlocks}
 * @returns words that the next call overwrites
 */
export function philoxBlocks(
  count: number,
  c0: number,
  c1: number,
  { c2, c3, k0, k1 }: { c2: number; c3: number; k0: number; k1: number },
): Uint32Array {
  if (opened === undefined) {
    const loop = openWasm(bytes) as Loop;
    opened = { loop, words: new Uint32Array(loop.memory.buffer, 0, 4 * mostBlocks) };
  }
  opened.loop.blocks(16 * count, c0, c1, c2, c3, k0, k1);
  return opened.words.subarray(0, 4 * count);
}

const encoder = new TextEncoder();

/**
 * 128 bits from a list of strings and a whole number, equal for ever. Each string is its UTF-8 bytes in
 * little-endian words after a word of their count, so that no two lists are one message; Philox, with two words
 * of the message as its key, mixes them in (Davies-Meyer). Mixing, not cryptography.
 */
export function digest(fields: readonly string[], number: number): Uint32Array {
  const words: number[] = [];
  for (const field of fields) {
    const bytes = encoder.encode(field);
    words.push(bytes.length);
    for (let i = 0; i < bytes.length; i += 4)
      words.push(
        (bytes[i] ?? 0) |
          ((bytes[i + 1] ?? 0) << 8) |
          ((bytes[i + 2] ?? 0) << 16) |
          ((bytes[i + 3] ?? 0) << 24),
      );
  }
  words.push(number >>> 0, Math.floor(number / 2 ** 32));
  if (words.length % 2 === 1) words.push(0);
  const state = new Uint32Array([0x61647661, 0x72656e61, 1, words.length]);
  const mixed = new Uint32Array(4);
  for (let i = 0; i < words.length; i += 2) {
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    philox(mixed, a, b, c, d, words[i] as number, words[i + 1] as number);
    for (let j = 0; j < 4; j++) state[j] = (state[j] as number) ^ (mixed[j] as number);
  }
  return state;
}
