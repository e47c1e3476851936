import { z } from 'zod';
import { exists, joinPath, readFile, readText, sha256, writeFileAtomic } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const image = z.strictObject({
  url: z.string(),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
  /** Where the file was, after redirects. */
  from: z.string(),
  /** Size of what came. */
  bytes: z.int(),
  /** Hash of what came. */
  source: hash,
  /** Hash of the PNG made of it. */
  png: hash,
});

const schema = z.strictObject({
  version: z.literal(1),
  /** Hashes of every `dataset.csv` that was written. */
  tables: z.array(hash),
  images: z.record(z.string(), image),
});

export type ImageRecord = z.infer<typeof image>;

/** What earlier and present calls have downloaded into a folder. */
export interface DownloadRecord {
  /** Hashes of every `dataset.csv` that was written: to tell it from a user's own. */
  tables: string[];
  images: Map<string, ImageRecord>;
  /** Writes the record if the last time is a while ago. */
  note(): Promise<void>;
  /** Writes the record. */
  save(): Promise<void>;
}

/** Seconds between writes: what a kill can cost. */
const saveEvery = 2;

/** @throws AdvarenaError RECORD_INVALID */
export async function openRecord(folder: string): Promise<DownloadRecord> {
  const path = joinPath(folder, 'download.json');
  const found = (await exists(path)) ? await read(path) : undefined;
  let saved = performance.now();
  let writing = Promise.resolve();
  const record: DownloadRecord = {
    tables: found?.tables ?? [],
    images: new Map(Object.entries(found?.images ?? {})),
    async note() {
      if (performance.now() - saved >= saveEvery * 1000) await record.save();
    },
    async save() {
      saved = performance.now();
      writing = writing.then(() => {
        const images = Object.fromEntries(record.images);
        const data = { version: 1, tables: record.tables, images };
        return writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(data, undefined, 1)}\n`));
      });
      await writing;
    },
  };
  return record;
}

async function read(path: string): Promise<z.infer<typeof schema>> {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(await readFile(path))));
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError)) throw cause;
    throw new AdvarenaError('RECORD_INVALID', 'The record of the download is damaged.', {
      where: path,
      remedy: 'Remove it: images that SHA256SUMS vouches for are kept, others fetched again.',
      cause,
    });
  }
}

/** Hashes of PNG files by id, as `sha256sum` writes and checks them. */
export type Checksums = Map<string, string>;

/** @throws AdvarenaError CHECKSUMS_INVALID with the line, or as readFile */
export async function readChecksums(path: string): Promise<Checksums> {
  const sums: Checksums = new Map();
  const lines = (await readText(path, 'CHECKSUMS_INVALID')).split(/\r?\n/);
  lines.forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [, sum, id] = /^([0-9a-f]{64}) [ *](.+)\.png$/i.exec(line) ?? [];
    const wrong = (message: string, remedy: string): AdvarenaError =>
      new AdvarenaError('CHECKSUMS_INVALID', message, { where: `${path}, line ${i + 1}`, remedy });
    if (sum === undefined || id === undefined)
      throw wrong(
        'The line is no checksum of a PNG.',
        'Write lines as sha256sum does: hash, two spaces, ID.png.',
      );
    if (sums.has(id)) throw wrong(`The image "${id}" stands there twice.`, 'Take one of the lines out.');
    sums.set(id, sum.toLowerCase());
  });
  return sums;
}

export async function writeChecksums(path: string, sums: Checksums): Promise<void> {
  const lines = [...sums].map(([id, sum]) => `${sum}  ${id}.png\n`);
  await writeFileAtomic(path, new TextEncoder().encode(lines.join('')));
}

/** Hash of a file; undefined where there is none. */
export async function hashOf(path: string): Promise<string | undefined> {
  return (await exists(path)) ? sha256(await readFile(path)) : undefined;
}
