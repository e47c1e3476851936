import type { z } from 'zod';
import { AdvarenaError, exactBound, nearest } from '../tensor/index.ts';
import { numberIn } from './epsilon.ts';
import { alternatives, type OptionFacts, optionsOf } from './option-facts.ts';

/**
 * Options of an entry checked by its schema, defaults filled in.
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
  const known = optionsOf(schema);
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys') throw unknownOption(issue.keys[0] ?? '', known, owner);
  const { message } = issue;
  const option = known.find(({ name }) => name === issue.path[0]);
  if (option === undefined)
    throw new AdvarenaError('OPTION', `The options of the ${owner} do not fit: ${message}.`, {
      remedy: `Correct them: ${namesOf(known)}.`,
    });
  const value = given?.[option.name];
  if (value === undefined)
    throw new AdvarenaError(
      'OPTION',
      `The ${owner} needs the option ${option.name}; allowed: ${option.values}.`,
      {
        remedy: `Give it; the options of the ${owner} are ${namesOf(known)}.`,
      },
    );
  throw issue.code === 'custom'
    ? new AdvarenaError(
        'OPTION',
        `The option ${option.name} of the ${owner} is ${JSON.stringify(value)}: ${message}.`,
        {
          remedy: correction(known, owner),
        },
      )
    : wrongValue(option, JSON.stringify(value), known, owner);
}

/** Others are told of at most so many. */
const told = 5;

/**
 * Tells that an entry has no such option, with the nearest of those that it has.
 * @param more.others names of entries of its kind that have one of that name
 * @param more.remedy its options by default
 */
export function unknownOption(
  name: string,
  known: readonly OptionFacts[],
  owner: string,
  { others = [], remedy }: { others?: readonly string[]; remedy?: string | undefined } = {},
): AdvarenaError {
  const near = nearest(
    name,
    known.map((option) => option.name),
  );
  const rest = others.length > told ? ` and ${others.length - told} more` : '';
  const theirs =
    others.length === 0
      ? ''
      : `; ${others.slice(0, told).join(', ')}${rest} ${others.length === 1 ? 'has' : 'have'} it`;
  return new AdvarenaError(
    'OPTION',
    `The ${owner} has no option "${name}"${theirs}.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    {
      remedy: remedy ?? (known.length === 0 ? 'It takes no options.' : `Its options are ${namesOf(known)}.`),
    },
  );
}

/**
 * Tells what an option was given and what it takes.
 * @param given as it was written
 */
export function wrongValue(
  option: OptionFacts,
  given: string,
  known: readonly OptionFacts[],
  owner: string,
): AdvarenaError {
  const text = given.replaceAll('"', '');
  const bound = alternatives(option.schema).some(({ type }) => type === 'integer')
    ? exactBound(numberIn(text))
    : undefined;
  const allowed = [option.values, ...(bound === undefined ? [] : [bound])].join(', ');
  const near = nearest(text, option.choices ?? []);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new AdvarenaError(
    'OPTION',
    `The option ${option.name} of the ${owner} is ${given}; allowed: ${allowed}.${hint}`,
    { remedy: correction(known, owner) },
  );
}

function correction(known: readonly OptionFacts[], owner: string): string {
  return `Correct it; the options of the ${owner} are ${namesOf(known)}.`;
}

function namesOf(known: readonly OptionFacts[]): string {
  return known.map(({ name }) => name).join(', ');
}
