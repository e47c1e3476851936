import * as fc from 'fast-check';

type Edit =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly at: number };

/** A place as a share of the length, so that it is one in every model. */
const place = fc.integer({ min: 0, max: 2 ** 20 - 1 });

/** What lengths and tags are likely to lie about: small numbers, and varints of the largest. */
const lies = fc.constantFrom(
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0x80),
  Uint8Array.of(0x00),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('set' as const), at: place, value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length: fc.integer({ min: 1, max: 16 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.oneof(lies, fc.uint8Array({ minLength: 1, maxLength: 8 })),
  }),
  fc.record({ kind: fc.constant('end' as const), at: place }),
);

export const edits = fc.array(edit, { minLength: 1, maxLength: 2 });

export function mutated(model: Uint8Array, list: readonly Edit[]): Uint8Array {
  let bytes = model;
  for (const e of list) {
    const at = Math.floor((e.at / 2 ** 20) * bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (e.kind === 'flip' || e.kind === 'set') {
      // Not by slice: of a Buffer it is no copy.
      bytes = new Uint8Array(bytes);
      bytes[at] = e.kind === 'set' ? e.value : (bytes[at] ?? 0) ^ (1 << e.bit);
    } else if (e.kind === 'cut') bytes = joined(before, after.subarray(e.length));
    else if (e.kind === 'repeat') bytes = joined(before, after.subarray(0, e.length), after);
    else if (e.kind === 'insert') bytes = joined(before, e.bytes, after);
    else bytes = before;
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    bytes.set(p, at);
    at += p.length;
  }
  return bytes;
}
