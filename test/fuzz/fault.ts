import { AdvarenaError } from '../../src/tensor/index.ts';

/** What no input may cause: another error than the project's own, one whose sentence is the engine's, one without help. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof AdvarenaError)) return described(error);
  // What is quoted is the user's own.
  const own = error.message.replaceAll(/"[^"]*"/g, '""');
  if (
    /\bundefined\b|not a function|not iterable|Cannot read|Invalid (?:array|discriminator|input|key|option|typed|union)|Unexpected (?:token|end|non)|\[object /.test(
      own,
    )
  )
    return described(error);
  const helps = error.remedy !== undefined || /Choose one of|Nearest of|Did you mean/.test(error.message);
  if (error.where === undefined || !helps) return `${error.code} without place or remedy: ${error.message}`;
  return undefined;
}

function described(error: unknown): string {
  const { name, message, stack } = error as Error;
  const places = stack
    ?.split('\n')
    .slice(1, 6)
    .map((line) => line.trim().replace(/\(.*\/src\//, '('));
  return `${name}: ${message} ${places?.join(' < ')}`;
}
