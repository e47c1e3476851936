import { AdvarenaError } from '../src/tensor/index.ts';

/**
 * What tries are refused with, one line each: what is tried, then code, place, message and remedy of the error.
 * @param tries by what is done; one that is not refused throws
 * @param folder of which nothing is told: it is named anew each time
 */
export async function told(tries: Readonly<Record<string, () => unknown>>, folder?: string): Promise<string> {
  const lines: string[] = [];
  for (const [what, act] of Object.entries(tries)) lines.push(`${what}: ${await refusalOf(what, act)}`);
  const all = lines.join('\n');
  return folder === undefined ? all : all.replaceAll(folder, '.');
}

async function refusalOf(what: string, act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    const { code, where, message, remedy } = error;
    const place = where === undefined ? '' : `${where}: `;
    return `${code} ${place}${message}${remedy === undefined ? '' : ` | ${remedy}`}`;
  }
  throw new Error(`${what}: nothing was refused`);
}
