import { z } from 'zod';

type Literal = string | number | boolean | null;

/** The part of JSON Schema that options are described in. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly Literal[];
  readonly const?: Literal;
  readonly anyOf?: readonly OptionSchema[];
  readonly items?: OptionSchema | false;
  readonly prefixItems?: readonly OptionSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** One option of an entry, as its schema describes it. */
export interface OptionFacts {
  /** In camel case. */
  readonly name: string;
  /** What may be given, in words: `whole number from 1`. */
  readonly values: string;
  /** All that may be given, where it can be listed. */
  readonly choices?: readonly string[];
  readonly required: boolean;
  readonly default?: unknown;
  readonly description: string;
  readonly schema: OptionSchema;
}

/** The options that a schema knows, in its order; none for a schema of something else than an object. */
export function optionsOf(schema: z.ZodType): OptionFacts[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as { properties?: Record<string, OptionSchema>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    values: valuesOf(property),
    ...(property.enum === undefined ? {} : { choices: property.enum.map(String) }),
    required: required.includes(name),
    ...(property.default === undefined ? {} : { default: property.default }),
    description: property.description ?? '',
    schema: property,
  }));
}

/** Names of the options that a schema knows. */
export function optionNames(schema: z.ZodType): string[] {
  return optionsOf(schema).map(({ name }) => name);
}

/** The alternatives of a schema, each of one type. */
export function alternatives(schema: OptionSchema): OptionSchema[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(alternatives);
  const { type } = schema;
  return typeof type === 'object' ? type.map((t) => ({ ...schema, type: t })) : [schema];
}

function valuesOf(schema: OptionSchema, plural = ''): string {
  // An option may say what it takes in its own words.
  if (schema.title !== undefined) return schema.title;
  return [...new Set(alternatives(schema).map((one) => valuesOfOne(one, plural)))].join(' or ');
}

function valuesOfOne(schema: OptionSchema, plural: string): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.const !== undefined) return String(schema.const);
  switch (schema.type) {
    case 'integer':
      return range(`whole number${plural}`, schema);
    case 'number':
      return range(`number${plural}`, schema);
    case 'boolean':
      return 'true or false';
    case 'array':
      return schema.prefixItems === undefined
        ? `list${plural} of ${valuesOf(schema.items || {}, 's')}`
        : `[${schema.prefixItems.map((item) => valuesOf(item)).join(', ')}]`;
    case 'string':
      return `text${plural}`;
    default:
      return schema.type === undefined ? 'anything' : String(schema.type);
  }
}

function range(kind: string, schema: OptionSchema): string {
  // JSON Schema of an unbounded whole number names the safe integers.
  const minimum = schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum;
  const maximum = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  const { exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  if (minimum !== undefined && maximum !== undefined) return `${kind}, ${minimum} to ${maximum}`;
  const from = above !== undefined ? `above ${above}` : minimum !== undefined ? `from ${minimum}` : undefined;
  const to =
    below !== undefined ? `below ${below}` : maximum !== undefined ? `at most ${maximum}` : undefined;
  const bounds = [from, to].filter((bound) => bound !== undefined).join(', ');
  return bounds === '' ? kind : `${kind} ${bounds}`;
}
