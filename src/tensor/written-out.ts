/** Controls but line breaks and tabs, and signs that turn the direction of text. */
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text with what a terminal would obey written out as `\u001b`, which within JSON means the same. */
export function writtenOut(text: string): string {
  return text.replaceAll(obeyed, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
