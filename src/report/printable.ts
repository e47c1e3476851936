const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Texts that do nothing to a terminal but be read: control characters, with which foreign names and messages could
 * move its cursor, clear it or forge lines, are written out as `\x1b`. They are not left out, for then two names could
 * become one.
 * @param value a text, or plain data with texts in it; not modified
 * @returns the same with all its texts and keys printable
 */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return escaped(value) as T;
  if (Array.isArray(value)) return value.map((each) => printable(each as unknown)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [escaped(key), printable(each)])) as T;
}

/** The same, of a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

/** Controls, and signs that turn the direction of text: what they stand in would read otherwise than it is. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

function escaped(text: string): string {
  return text.replaceAll(unprintable, (sign) => {
    const code = (sign.codePointAt(0) as number).toString(16);
    return short[sign] ?? (code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`);
  });
}
