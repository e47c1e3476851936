import * as fc from 'fast-check';

/** What people and programs write where something else should stand. */
export const odd = fc.constantFrom(
  '',
  '0',
  '-1',
  '-0',
  '1e999',
  '1e-400',
  'NaN',
  'Infinity',
  '.inf',
  '8/255',
  '9007199254740993',
  '123456789012345678901234567890',
  'null',
  '~',
  'true',
  'no',
  '[]',
  '{}',
  '[1,2',
  '{a:',
  '"',
  "'",
  ',',
  ':',
  '---',
  '&a [*a]',
  '*a',
  '<<',
  '!!js/function',
  '!!binary aGk=',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '\u0000',
  '\u001b[31mred',
  '\u202e',
  '\ud800',
  'é',
  'x'.repeat(3000),
  '[['.repeat(500),
  '%s%n',
);

/** Which word of a text is exchanged (as a share of all), and for what. */
export const tokens = fc.array(fc.record({ at: fc.integer({ min: 0, max: 2 ** 20 - 1 }), word: odd }), {
  minLength: 1,
  maxLength: 3,
});

/** Exchanges words, numbers and signs of a text. */
export function swapped(
  bytes: Uint8Array,
  list: readonly { readonly at: number; readonly word: string }[],
): Uint8Array {
  const parts = new TextDecoder('latin1').decode(bytes).split(/([\w.+-]+)/);
  for (const { at, word } of list) {
    const odds = Math.floor(parts.length / 2);
    if (odds > 0) parts[2 * Math.floor((at / 2 ** 20) * odds) + 1] = word;
  }
  // As it was read: a byte a sign, and what is not of latin1 in UTF-8.
  return Buffer.concat(parts.map((p) => Buffer.from(p, /[^\0-ÿ]/.test(p) ? 'utf8' : 'latin1')));
}
