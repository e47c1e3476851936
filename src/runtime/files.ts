/** The files that a program has read. */
export interface ReadWatch {
  /** The first of some paths that leads to a file that was read, be it through links or in other words. */
  find(paths: Iterable<string>): Promise<string | undefined>;
  end(): void;
}

/**
 * What rooms below the platform's own may do with files; `#files` chooses who does it. Paths are the platform's.
 * Errors that all share: AdvarenaError FILE_MISSING (no such file or folder), FILE_UNREADABLE (a folder where a
 * file should be or the reverse, no permission, a failing disk), each with the path and the remedy.
 */
export interface Files {
  /** The bytes of a file. */
  readFile(path: string): Promise<Uint8Array>;
  /** The same, where the caller cannot wait. */
  readFileSync(path: string): Uint8Array;
  /** Bytes [offset, offset + length) of a file, fewer where it ends before; nothing else of it is read. */
  readPartSync(path: string, offset: number, length: number): Uint8Array;
  /** The path without links in it. */
  realPathSync(path: string): string;
  /** The same of what need not be there yet: as far as it is. */
  settledPath(path: string): string;
  /** Names of the files and folders in a folder, sorted by code units: the same order everywhere. */
  listFolder(path: string): Promise<string[]>;
  /** False also for what does not exist. */
  isFolder(path: string): Promise<boolean>;
  /** Whether it can be read without waiting: no folder, pipe or device. False also for what does not exist. */
  isFile(path: string): Promise<boolean>;
  exists(path: string): Promise<boolean>;
  /**
   * Writes a file under a temporary name beside `path`, flushes it to the disk, renames it: whoever looks sees
   * the old file or the whole new one. The folder must exist.
   * @throws AdvarenaError DISK_FULL or OUTPUT_UNWRITABLE; nothing is left behind
   */
  writeFileAtomic(path: string, bytes: Uint8Array): Promise<void>;
  /** Tries whether {@link writeFileAtomic} can write there, and leaves no trace. @throws AdvarenaError as it does */
  tryFile(path: string): Promise<void>;
  /**
   * Tries whether files can be written into a folder, or into the nearest one above that is there.
   * @throws AdvarenaError as writeFileAtomic
   */
  tryFolder(path: string): Promise<void>;
  /** Keeps in mind which files this program reads from now on. */
  watchReads(): ReadWatch;
  /**
   * The same, but only where there is no file of this name yet: of several writers at once, one is the first.
   * @returns whether this one was
   */
  writeFileOnce(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Removes what writers that were killed have left in a folder, if it is older than the given time. */
  sweepTemporary(folder: string, olderThanSeconds: number): Promise<void>;
  /** Makes a folder and those above it; no matter if it exists. @throws AdvarenaError as writeFileAtomic */
  makeFolder(path: string): Promise<void>;
  joinPath(...parts: string[]): string;
  /** The last part of a path. */
  baseName(path: string): string;
  /** A path without its last part. */
  dirName(path: string): string;
  /** SHA-256 in lower-case hexadecimal. */
  sha256(bytes: Uint8Array): string;
  /** HMAC-SHA-256 in lower-case hexadecimal. */
  hmac(key: string, text: string): string;
}
