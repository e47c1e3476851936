import { numberIn } from './epsilon.ts';
import { alternatives, type OptionSchema } from './option-facts.ts';
import type { Written } from './written.ts';

/** Of several types that could be meant the first is taken: what may be anything comes last. */
const order = ['boolean', 'null', 'integer', 'number', 'array', 'string', undefined];

/**
 * What a written value means for a schema.
 * @returns undefined where it is of no type that the schema takes; ranges are for the schema itself to check
 */
export function meaning(written: Written, schema: OptionSchema): { value: unknown } | undefined {
  for (const one of alternatives(schema).toSorted((a, b) => rank(a) - rank(b))) {
    const found = 'text' in written ? ofText(written, one) : ofList(written, one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What an option means that is named without a value. */
export function standingAlone(schema: OptionSchema): { value: true } | undefined {
  return alternatives(schema).some(({ type }) => type === 'boolean') ? { value: true } : undefined;
}

function rank(schema: OptionSchema): number {
  return choicesOf(schema) === undefined ? order.indexOf(schema.type as string | undefined) : -1;
}

function choicesOf(schema: OptionSchema): readonly unknown[] | undefined {
  return schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
}

function ofText(
  { text, quoted }: { text: string; quoted: boolean },
  schema: OptionSchema,
): { value: unknown } | undefined {
  const choices = choicesOf(schema)?.filter((choice) => !quoted || typeof choice === 'string');
  if (choices !== undefined) {
    const value = choices.find((choice) => String(choice) === text);
    return value === undefined ? undefined : { value };
  }
  if (schema.type === 'string') return { value: text };
  if (quoted) return schema.type === undefined ? { value: text } : undefined;
  const number = numberIn(text);
  switch (schema.type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : undefined;
    case 'null':
      return text === 'null' ? { value: null } : undefined;
    case 'integer':
      return Number.isSafeInteger(number) ? { value: number } : undefined;
    case 'number':
      return number === undefined ? undefined : { value: number };
    case undefined:
      return { value: number ?? (text === 'true' || (text === 'false' ? false : text)) };
    default:
      return undefined;
  }
}

function ofList(written: readonly Written[], schema: OptionSchema): { value: unknown } | undefined {
  if (schema.type !== 'array' && schema.type !== undefined) return undefined;
  const value: unknown[] = [];
  for (const [i, item] of written.entries()) {
    const found = meaning(item, schema.prefixItems?.[i] ?? (schema.items || {}));
    if (found === undefined) return undefined;
    value.push(found.value);
  }
  return { value };
}
