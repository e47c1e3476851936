import { z } from 'zod';
import { dirName, exists, joinPath, readFile } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** The name of a {@link Card}'s file. */
export const cardFile = 'dataset.json';

const schema = z.strictObject({
  name: z.string().min(1),
  /** What the CSV calls the first class. */
  offset: z.int().min(0),
  /** Names of the classes. */
  classes: z.array(z.string()).min(2),
});

/** What `dataset.json` beside a competition's CSV says, where its classes are not the 1000 of 2017. */
export type Card = z.infer<typeof schema>;

/**
 * The card beside a CSV, if there is one.
 * @throws AdvarenaError DATASET_CARD
 */
export async function readCard(csvPath: string): Promise<Card | undefined> {
  const path = joinPath(dirName(csvPath), cardFile);
  if (!(await exists(path))) return undefined;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(await readFile(path))));
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError)) throw cause;
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll(/\s+/g, ' ') : 'It is not JSON.';
    throw new AdvarenaError('DATASET_CARD', `The card of the dataset is not valid: ${problem}`, {
      where: path,
      remedy:
        'Give name, offset (what the CSV calls the first class) and classes (their names), or remove it.',
      cause,
    });
  }
}
