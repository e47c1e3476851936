import { joinPath, listFolder, makeFolder, sha256, sweepTemporary } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { cardFile } from '../card.ts';
import { isCompetition } from '../formats/competition.ts';
import { type DownloadRecord, hashOf, openRecord } from './record.ts';
import type { ImageList } from './rows.ts';

/** The CSV that a download leaves. */
export const tableFile = 'dataset.csv';

/**
 * Makes the folder of a download, or looks whether one that is there may be gone on with.
 * @param partial whether `dataset.csv` may come to differ from the list
 * @throws AdvarenaError FOLDER_IN_USE: the result would not load, or a file of somebody else's be lost
 */
export async function openFolder(folder: string, list: ImageList, partial: boolean): Promise<DownloadRecord> {
  await makeFolder(folder);
  await sweepTemporary(folder, 3600);
  const record = await openRecord(folder);
  const inUse = (name: string, message: string) =>
    new AdvarenaError('FOLDER_IN_USE', message, {
      where: joinPath(folder, name),
      remedy: 'Name another folder, or move the file away.',
    });
  const known = new Set(list.rows.map(({ id }) => id));
  for (const name of await listFolder(folder)) {
    if (/\.png$/i.test(name) && !known.has(name.slice(0, -4)))
      throw inUse(name, `The folder holds an image that has no row in ${list.path}.`);
    if (/\.csv$/i.test(name) && name !== tableFile && isCompetition(joinPath(folder, name)))
      throw inUse(name, 'The folder holds another CSV of the competition.');
  }
  const table = await hashOf(joinPath(folder, tableFile));
  const ours = table === undefined || record.tables.includes(table);
  if (!ours && (partial || table !== sha256(list.bytes)))
    throw inUse(tableFile, 'The folder holds a CSV that no download has written.');
  const card = await hashOf(joinPath(folder, cardFile));
  if (card !== undefined && (list.card === undefined || card !== sha256(list.card)))
    throw inUse(cardFile, `The folder holds a card that does not lie beside ${list.path}.`);
  return record;
}
