import { dirName, settledPath, tryFile, tryFolder, watchReads } from '#files';
import { AdvarenaError } from '../tensor/index.ts';

/** What a command is going to write; undefined stands for what was not asked for. */
export interface Places {
  files?: readonly (string | undefined)[];
  /** They are made where they are not there. */
  folders?: readonly (string | undefined)[];
}

/** Guards what a command reads against what it writes. */
export interface Outputs {
  /**
   * To be called once everything is read and nothing is begun.
   * @param files that will be written or replaced
   * @throws AdvarenaError OUTPUT_IS_INPUT where one of them has been read, be it through a link or another path;
   *   OUTPUT_TWICE as {@link openOutputs}
   */
  spareInputs(files: Iterable<string | undefined>): Promise<void>;
}

/**
 * Finds out whether places can be written to, before a command reads its inputs or begins its work.
 * @throws AdvarenaError OUTPUT_UNWRITABLE, DISK_FULL; OUTPUT_TWICE where one would take another's place
 */
export async function openOutputs({ files = [], folders = [] }: Places): Promise<Outputs> {
  keepApart(files, folders);
  for (const file of files) if (file !== undefined) await tryFile(file);
  for (const folder of folders) if (folder !== undefined) await tryFolder(folder);
  const reads = watchReads();
  return {
    async spareInputs(written) {
      const all = [...written];
      keepApart(all);
      const found = await reads.find(all.filter((file) => file !== undefined));
      reads.end();
      if (found === undefined) return;
      throw new AdvarenaError('OUTPUT_IS_INPUT', 'This file is read, and would be overwritten.', {
        where: found,
        remedy: 'Write to another place.',
      });
    },
  };
}

/** Files that are one, or that stand where a folder must be; folders may be one. */
function keepApart(
  files: readonly (string | undefined)[],
  folders: readonly (string | undefined)[] = [],
): void {
  const taken = new Set<string>();
  const refuse = (where: string): never => {
    throw new AdvarenaError('OUTPUT_TWICE', 'Two outputs would be written to this one path.', {
      where,
      remedy: 'Give each a path of its own.',
    });
  };
  const places: [path: string, settled: string][] = [];
  for (const file of files) {
    if (file === undefined) continue;
    const settled = settledPath(file);
    if (taken.has(settled)) refuse(file);
    taken.add(settled);
    places.push([file, dirName(settled)]);
  }
  for (const folder of folders) if (folder !== undefined) places.push([folder, settledPath(folder)]);
  for (const [path, from] of places)
    for (let above = from; ; above = dirName(above)) {
      if (taken.has(above)) refuse(path);
      if (above === dirName(above)) break;
    }
}
