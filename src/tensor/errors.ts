/** What an {@link AdvarenaError} knows beside its message. */
export interface ErrorDetails {
  /** The place: a file, a row, a node, an option. */
  where?: string;
  /** What to do about it, one sentence. */
  remedy?: string;
  /** Whether a run broke, where otherwise what was given is wrong: commands end with 1 instead of 2. */
  broken?: boolean;
  cause?: unknown;
}

/** An error as plain data. */
export interface ErrorData extends Omit<ErrorDetails, 'cause'> {
  code: string;
  message: string;
}

/**
 * Every error that a user can cause or mend: a stable code, the place, the remedy.
 * Tests and callers match `code`, never the text.
 */
export class AdvarenaError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly remedy: string | undefined;
  readonly broken: boolean;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AdvarenaError';
    this.code = code;
    this.where = details.where;
    this.remedy = details.remedy;
    this.broken = details.broken ?? false;
  }

  /** As plain data, for `--json` and for messages between threads. */
  toJSON(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      ...(this.broken ? { broken: true } : {}),
    };
  }

  static fromJSON(data: ErrorData): AdvarenaError {
    return new AdvarenaError(data.code, data.message, data);
  }
}

/**
 * The one of `choices` nearest to a misspelt `word`, or undefined if none is near.
 * Damerau-Levenshtein distance (optimal string alignment) of at most a third of the longer word.
 */
export function nearest(word: string, choices: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.max(word.length, choice.length) / 3)) {
      best = choice;
      bestDistance = distance;
    }
  }
  return best;
}

/** More choices than these are not all told. */
const told = 30;

/** `Unknown norm "l3". Choose one of: linf, l2. Did you mean "l2"?`; of many choices it tells the nearest. */
export function unknownName(what: string, word: string, choices: readonly string[]): string {
  const near = nearest(word, choices);
  const distance = (choice: string): number => editDistance(word.toLowerCase(), choice.toLowerCase());
  const listed =
    choices.length <= told
      ? `Choose one of: ${choices.join(', ')}.`
      : `Nearest of ${choices.length}: ${choices
          .toSorted((a, b) => distance(a) - distance(b))
          .slice(0, 5)
          .join(', ')}.`;
  return `Unknown ${what} "${word}". ${listed}${near === undefined ? '' : ` Did you mean "${near}"?`}`;
}

function editDistance(a: string, b: string): number {
  let previous2: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min(
        (previous[j] as number) + 1,
        (current[j - 1] as number) + 1,
        (previous[j - 1] as number) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        d = Math.min(d, (previous2[j - 2] as number) + 1);
      current.push(d);
    }
    previous2 = previous;
    previous = current;
  }
  return previous[b.length] as number;
}
