import { written } from '../catalog/index.ts';

/** Data of a JSON text with the numbers as they are written there. */
export interface Json {
  data: unknown;
  source: JsonSource;
}

/** What stands in a text: of numbers, texts, true, false and null the signs themselves. */
export type JsonSource = string | JsonSource[] | Map<string, JsonSource>;

/** An object of JSON. */
export type Entries = Readonly<Record<string, unknown>>;

export function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with a JSON text, a part of a sentence that begins with it: `has a twice: see line 2, column 3`. */
export class JsonFault extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** Deeper than anybody writes; walks over data need not fear for the stack. */
const deepest = 500;

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/**
 * Data of JSON in which every entry stands once: a parser takes the last of several and says nothing.
 * @throws JsonFault
 */
export function readJson(text: string): Json {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new JsonFault(
      `is no JSON${placeOf(text, (cause as Error).message)}`,
      'Mend the file: names and texts in double quotes, no comma after a last entry, no comments.',
      cause,
    );
  }
  return { data, source: sourceOf(text) };
}

/** The parts of a text that is JSON: signs within quotes and without need only be told apart. */
function sourceOf(text: string): JsonSource {
  const top: JsonSource[] = [];
  const open: (JsonSource[] | Map<string, JsonSource>)[] = [top];
  const path: (string | number)[] = [];
  let key: string | undefined;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    const into = open.at(-1) ?? top;
    if (token === ':' || token === ',') continue;
    if (token === '}' || token === ']') {
      open.pop();
      path.pop();
    } else if (into instanceof Map && key === undefined) {
      key = JSON.parse(token) as string;
      if (key === '__proto__' || into.has(key))
        throw key === '__proto__'
          ? new JsonFault(
              `has the name "__proto__", which is taken: see ${placeAt(text, index)}`,
              'Choose another name.',
            )
          : new JsonFault(
              `has ${written([...path, key])} twice: see ${placeAt(text, index)}`,
              'Leave the one that is right.',
            );
    } else {
      const value = token === '{' ? new Map<string, JsonSource>() : token === '[' ? [] : token;
      const at = key ?? (into as JsonSource[]).length;
      if (into instanceof Map) into.set(at as string, value);
      else into.push(value);
      key = undefined;
      if (typeof value === 'string') continue;
      if (open.push(value) > deepest)
        throw new JsonFault('is nested too deeply', 'Write it with fewer lists and objects in each other.');
      if (into !== top) path.push(at);
    }
  }
  return top[0] ?? '';
}

/**
 * Data for `JSON.stringify` in which numbers that did not change stand as they stood: 2.50, and more digits than a
 * number here has.
 */
export function asWritten(data: unknown, source: JsonSource | undefined): unknown {
  if (typeof data === 'number')
    return typeof source === 'string' && Object.is(Number(source), data) ? raw(source) : data;
  if (Array.isArray(data))
    return data.map((value, i) => asWritten(value, Array.isArray(source) ? source[i] : undefined));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      asWritten(value, source instanceof Map ? source.get(name) : undefined),
    ]),
  );
}

/** TypeScript does not know it yet. */
const { rawJSON: raw } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** Where JSON breaks off, in words, as far as the message of the parser tells. */
function placeOf(text: string, message: string): string {
  if (/end of JSON/i.test(message)) return ': it is cut off at its end';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `: see ${placeAt(text, Number(position))}`;
  const token = /token '(.)'/u.exec(message)?.[1];
  return token === undefined ? '' : `: "${token}" stands where it cannot`;
}

function placeAt(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
