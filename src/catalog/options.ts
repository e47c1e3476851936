import { z } from 'zod';
import { AdvarenaError, nearest } from '../tensor/index.ts';

/**
 * Options of an attack, view or defense checked by its schema, defaults filled in.
 * @param owner what messages call it, such as `attack pgd`
 * @throws AdvarenaError OPTION naming the option, with the nearest name for a misspelt one
 */
export function parseOptions(
  schema: z.ZodType,
  given: Readonly<Record<string, unknown>> | undefined,
  owner: string,
): Record<string, unknown> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const issue = parsed.error.issues[0];
  const known = optionNames(schema);
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const near = nearest(key, known);
    throw new AdvarenaError(
      'OPTION',
      `The ${owner} has no option "${key}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      {
        remedy: known.length === 0 ? 'It takes no options.' : `Its options are ${known.join(', ')}.`,
      },
    );
  }
  const name = issue?.path.join('.') ?? '';
  const wanted = (issue?.message ?? 'another value').replace(/^[^:]*: /, '');
  throw new AdvarenaError(
    'OPTION',
    `The option ${name} of the ${owner} is ${JSON.stringify(given?.[name])}: ${wanted}.`,
    { remedy: `Correct it; the options of the ${owner} are ${known.join(', ')}.` },
  );
}

/** Names of the options that a schema knows. */
export function optionNames(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
