import { tryFile, tryFolder, watchReads } from '#files';
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
   * @throws AdvarenaError OUTPUT_IS_INPUT where one of them has been read, be it through a link or another path
   */
  spareInputs(files: Iterable<string | undefined>): Promise<void>;
}

/**
 * Finds out whether places can be written to, before a command reads its inputs or begins its work.
 * @throws AdvarenaError OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function openOutputs({ files = [], folders = [] }: Places): Promise<Outputs> {
  for (const file of files) if (file !== undefined) await tryFile(file);
  for (const folder of folders) if (folder !== undefined) await tryFolder(folder);
  const reads = watchReads();
  return {
    async spareInputs(written) {
      const found = await reads.find([...written].filter((file) => file !== undefined));
      reads.end();
      if (found === undefined) return;
      throw new AdvarenaError('OUTPUT_IS_INPUT', 'This file is read, and would be overwritten.', {
        where: found,
        remedy: 'Write to another place.',
      });
    },
  };
}
