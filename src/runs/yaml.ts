import { isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { complaint } from '../catalog/index.ts';
import { AdvarenaError, nearest } from '../tensor/index.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** A YAML text with the places of its entries, so that messages can name line and column. */
export interface YamlFile {
  data: unknown;
  /** What to do about an entry of a wrong form. */
  remedy: string;
  /** An error about the entry at `path`. @param key the key itself is wrong, not its value */
  error(path: Path, message: string, options?: { remedy?: string; key?: boolean }): AdvarenaError;
}

/**
 * @param kind of file: the code of its errors, and the remedy where an entry is wrong
 * @throws AdvarenaError of the kind's code where it is no YAML
 */
export function readYaml(text: string, file: string, kind: { code: string; remedy: string }): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number | undefined): string => {
    if (offset === undefined) return file;
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const wrong = (where: string, message: string, remedy: string): AdvarenaError =>
    new AdvarenaError(kind.code, message, { where, remedy });
  const broken = document.errors[0];
  if (broken !== undefined)
    throw /call stack/.test(broken.message)
      ? wrong(file, 'It is nested too deeply.', 'Write it with fewer lists and maps in each other.')
      : wrong(
          place(broken.pos[0]),
          `This is no YAML: ${broken.message}`,
          'Mend the line; a value with a colon or a hash in it needs quotes.',
        );
  /** Offset of the entry, or of the nearest one around it that is there. */
  const offsetOf = (path: Path, key: boolean): number | undefined => {
    if (key) {
      const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
      const pair = isMap(map)
        ? map.items.find((p) => isScalar(p.key) && String(p.key.value) === String(path.at(-1)))
        : undefined;
      if (isNode(pair?.key)) return pair.key.range?.[0];
    }
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node)) return node.range?.[0];
    }
    return 0;
  };
  // Objects of this language take it for something else, and schemas pass it over.
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__')
        throw wrong(place(key.range?.[0]), 'The name "__proto__" is taken.', 'Choose another name.');
    },
  });
  let data: unknown;
  try {
    data = document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw wrong(
      file,
      // The library counts what aliases of aliases stand for.
      /alias count/.test(cause.message)
        ? 'Its aliases (*name) stand for more than a file should hold.'
        : 'An alias (*name) stands before its anchor (&name), or has none.',
      'Write out what it stands for; a value that begins with * needs quotes.',
    );
  }
  return {
    data,
    remedy: kind.remedy,
    error: (path, message, { remedy, key = false } = {}) =>
      new AdvarenaError(kind.code, message, {
        where: place(offsetOf(path, key)),
        ...(remedy === undefined ? {} : { remedy }),
      }),
  };
}

/**
 * The data of a YAML file checked by a schema, defaults filled in.
 * @throws AdvarenaError with line and column, and the nearest name for a misspelt key
 */
export function parseYaml<S extends z.ZodType>(yaml: YamlFile, schema: S): z.infer<S> {
  const parsed = schema.safeParse(yaml.data);
  if (parsed.success) return parsed.data;
  // A misspelt key also leaves another missing; the first says more.
  const issues = parsed.error.issues.map(innermost);
  const issue = issues.find((i) => i.code === 'unrecognized_keys') ?? (issues[0] as Issue);
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = keysAt(schema, issue.path);
    const near = nearest(key, known);
    throw yaml.error(
      [...issue.path, key],
      `Unknown key "${key}"${at === '' ? '' : ` in ${at}`}.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      { key: true, ...(known.length === 0 ? {} : { remedy: `Its keys are ${known.join(', ')}.` }) },
    );
  }
  const absent = valueAt(yaml.data, issue.path) === undefined;
  const wrong = (): string =>
    issue.code === 'custom'
      ? `${at === '' ? 'The file' : at}: ${issue.message}.`
      : complaint(schema, yaml.data, issue, { whole: 'The file' });
  throw yaml.error(issue.path, absent ? `The key ${at} is missing.` : wrong(), { remedy: yaml.remedy });
}

/** Of a union, the complaint of the alternative that was meant: the one that objects to the least. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const isRoot = (i: Issue): boolean => i.path.length === 0 && i.code === 'invalid_type';
  const objections = (alternative: readonly Issue[]): number =>
    alternative.reduce((sum, i) => sum + (i.code === 'unrecognized_keys' ? i.keys.length : 1), 0);
  const [meant] = issue.errors
    .filter((alternative) => alternative.length > 0 && !alternative.some(isRoot))
    .toSorted((a, b) => objections(a) - objections(b));
  const inner = meant?.find((i) => i.code === 'unrecognized_keys') ?? meant?.[0];
  if (inner === undefined) return issue;
  return innermost({ ...inner, path: [...issue.path, ...inner.path] });
}

function valueAt(data: unknown, path: Path): unknown {
  let at = data;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/** Keys that a schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  const alternatives = (node: JsonSchema): JsonSchema[] =>
    (node.anyOf ?? node.oneOf)?.flatMap(alternatives) ?? [node];
  let nodes = alternatives(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
  for (const key of path)
    nodes = nodes
      .flatMap(
        (n) => (typeof key === 'number' ? n.items : n.properties?.[String(key)]) ?? n.additionalProperties,
      )
      .filter((n) => typeof n === 'object')
      .flatMap(alternatives);
  return [
    ...new Set(nodes.flatMap((n) => [...Object.keys(n.properties ?? {}), ...(n.propertyNames?.enum ?? [])])),
  ];
}

/** The parts of a JSON Schema that lead to keys. */
interface JsonSchema {
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  /** Of a record, where its keys are known. */
  propertyNames?: { enum?: string[] };
}
