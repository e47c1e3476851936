import type { TournamentResult } from '../arena/index.ts';
import type { AttackPart } from './attack-page.ts';
import type { PageOptions } from './tournament-page.ts';

// What draws plots takes a third of the time in which the command line starts: it is loaded when a page is wanted.

/**
 * An attack as one HTML file that fetches nothing, with a part for each radius that it was judged at. The same results
 * give the same text.
 * @param parts of one attack on one model
 * @throws RangeError if there is not one image per sample, or no part
 */
export async function attackHtml(parts: readonly AttackPart[]): Promise<string> {
  const { attackPage } = await import('./attack-page.ts');
  return attackPage(parts);
}

/**
 * A tournament as one HTML file that fetches nothing: pictures, drawings and style are inside, no script runs.
 * The same result gives the same text.
 * @throws AdvarenaError IMAGE_SIZE, IMAGE_FORMAT, IMAGE_UNREADABLE for examples that cannot be shown
 */
export async function tournamentHtml(result: TournamentResult, options: PageOptions): Promise<string> {
  const { tournamentPage } = await import('./tournament-page.ts');
  return tournamentPage(result, options);
}
