import { AdvarenaError } from '../tensor/index.ts';
import { numberIn } from './epsilon.ts';

/** A value as it was written, before a schema says what it means. */
export type Written = { readonly text: string; readonly quoted: boolean } | readonly Written[];

/** One option of a short form as it was written. */
export interface WrittenOption {
  readonly key: string;
  /** Undefined for a key that stands alone. */
  readonly value: Written | undefined;
  /** The value as it stands there. */
  readonly source: string;
}

/**
 * The options of a short form: `steps=40,loss=margin,sizes=[1,2],path="a,b"`. Text is quoted where it holds a comma, a
 * bracket or a quote; within quotes `\"` and `\\` stand for the second character.
 * @param where what messages point at
 * @throws AdvarenaError SHORT_FORM
 */
export function readWritten(text: string, where: string): WrittenOption[] {
  const reader = readerOf(text, where);
  const options: WrittenOption[] = [];
  do {
    const key = reader.take(/[^=,]*/y).trim();
    if (key === '') throw reader.error('An option has no name.');
    const start = reader.at() + 1;
    const value = reader.skip('=') ? reader.value(key) : undefined;
    options.push({ key, value, source: text.slice(start, reader.at()).trim() });
  } while (reader.skip(','));
  return options;
}

/**
 * A list as a flag has it: `[1,2]`.
 * @param key of the option, for messages
 * @throws AdvarenaError SHORT_FORM
 */
export function readWrittenList(text: string, key: string): Written {
  return readerOf(text, text).value(key);
}

/**
 * A value as a short form has it.
 * @throws TypeError for an object
 */
export function writeValue(value: unknown): string {
  if (typeof value === 'string')
    return isPlain(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (value !== null && typeof value === 'object') throw new TypeError('an object has no short form');
  return String(value);
}

/** Whether a text is read as itself without quotes, by a schema that takes numbers and truth values too. */
function isPlain(text: string): boolean {
  const trimmed = text.trim();
  return (
    text !== '' &&
    text === trimmed &&
    !/[,[\]"]/.test(text) &&
    numberIn(text) === undefined &&
    !['true', 'false', 'null'].includes(text)
  );
}

function readerOf(text: string, where: string) {
  let at = 0;
  const error = (message: string): AdvarenaError =>
    new AdvarenaError('SHORT_FORM', message, {
      where,
      remedy:
        'Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".',
    });
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const skip = (mark: string): boolean => {
    take(/\s*/y);
    if (text[at] !== mark) return false;
    at++;
    return true;
  };
  const inner = (key: string): Written => {
    take(/\s*/y);
    if (text[at] === '"') {
      const quoted = take(/"(?:[^"\\]|\\.)*"/y);
      if (quoted === '') throw error(`The quotes of ${key} have no end.`);
      return { text: quoted.slice(1, -1).replaceAll(/\\(["\\])/g, '$1'), quoted: true };
    }
    if (skip('[')) {
      const items: Written[] = [];
      if (skip(']')) return items;
      do items.push(inner(key));
      while (skip(','));
      if (!skip(']')) throw error(`The list of ${key} has no end.`);
      return items;
    }
    const bare = take(/[^,[\]"]*/y).trim();
    if (bare === '') throw error(`A value of ${key} is missing.`);
    return { text: bare, quoted: false };
  };
  return {
    at: () => at,
    take,
    skip,
    error,
    /** A value after which the text ends or a comma stands. */
    value(key: string): Written {
      const value = inner(key);
      take(/\s*/y);
      if (at < text.length && text[at] !== ',')
        throw error(
          `What follows the value of ${key}, ${JSON.stringify(text.slice(at))}, cannot stand there.`,
        );
      return value;
    },
  };
}
