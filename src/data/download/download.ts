import { exists, joinPath, sha256, writeFileAtomic } from '../../runtime/index.ts';
import { finish, type MissingImage } from './finish.ts';
import { openFolder } from './folder.ts';
import { pictureOf } from './picture.ts';
import { pool } from './pool.ts';
import { type Checksums, type DownloadRecord, hashOf, readChecksums } from './record.ts';
import { type ImageRow, readImageList } from './rows.ts';
import { getter, TransferError } from './transfer.ts';

export interface DownloadOptions {
  /** A CSV of the competition. */
  csv: string;
  /** The folder: new, or of an earlier download. */
  out: string;
  /** Images that are fetched at once: 4 by default. */
  concurrency?: number;
  /** Seconds without a byte after which a try ends: 30 by default. */
  timeoutSeconds?: number;
  /** Further tries after a timeout, a broken connection, 408, 429 or 5xx: 4 by default. */
  retries?: number;
  /** Largest file that is taken: 64 MiB by default. */
  maxBytes?: number;
  /** A file of checksums to compare with, as `sha256sum` writes it; `SHA256SUMS` in the folder by default. */
  checksums?: string;
  /** Let `dataset.csv` list only the images that came. */
  partial?: boolean;
  onProgress?: (progress: DownloadProgress) => void;
  /** Stops the download; a later call goes on. */
  signal?: AbortSignal;
  /** Stands in for the platform's own. */
  fetch?: typeof globalThis.fetch;
}

export interface DownloadProgress {
  /** Rows that are dealt with, of `total`. */
  done: number;
  total: number;
  /** Images that were there already. */
  kept: number;
  missing: number;
  /** Of the images that came. */
  bytes: number;
}

export interface DifferingImage {
  id: string;
  /** SHA-256 that the checksums give. */
  expected: string;
  /** SHA-256 of the PNG. */
  found: string;
}

export interface DownloadResult {
  /** Rows of the CSV. */
  total: number;
  kept: number;
  fetched: number;
  bytes: number;
  missing: MissingImage[];
  /** Images that are not what the checksums say. */
  differing: DifferingImage[];
}

/**
 * Fetches the images of a competition's CSV: crops each to its box, edges cut off to whole pixels, resizes it to
 * 299x299 (Lanczos) and writes `ImageId.png`; then `dataset.csv` (a copy of the CSV), `SHA256SUMS`, and where images
 * are missing `missing.csv`. `download.json` records what came from where: images that it or the checksums vouch for
 * are kept, all others fetched again. Images that cannot be had are reported, never an error.
 * @throws RangeError for numbers out of range
 * @throws AdvarenaError CSV_INVALID, DUPLICATE_ID, LABEL_INVALID, LABEL_RANGE, TARGET_IS_LABEL, DATASET_CARD,
 *   FOLDER_IN_USE, RECORD_INVALID, CHECKSUMS_INVALID, DISK_FULL, OUTPUT_UNWRITABLE; the signal's reason when it is set
 */
export async function downloadCompetition(options: DownloadOptions): Promise<DownloadResult> {
  const { out, partial = false, maxBytes = 64 * 2 ** 20, concurrency = 4, retries = 4 } = options;
  const { timeoutSeconds = 30 } = options;
  const whole = { concurrency: [concurrency, 1], retries: [retries, 0], maxBytes: [maxBytes, 1] } as const;
  for (const [name, [value, least]] of Object.entries(whole))
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${name} ${value} is not a whole number from ${least}`);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 3600))
    throw new RangeError(`timeoutSeconds ${timeoutSeconds} is not in (0, 3600]`);
  const list = await readImageList(options.csv);
  const given = options.checksums === undefined ? undefined : await readChecksums(options.checksums);
  const record = await openFolder(out, list, partial);
  const sumsPath = joinPath(out, 'SHA256SUMS');
  const before: Checksums = (await exists(sumsPath)) ? await readChecksums(sumsPath) : new Map();
  const expected = given ?? before;
  const get = getter({ fetch: options.fetch ?? globalThis.fetch, timeoutSeconds, retries, maxBytes });
  const hashes: Checksums = new Map();
  const missing: MissingImage[] = [];
  const progress = { done: 0, total: list.rows.length, kept: 0, missing: 0, bytes: 0 };

  const deal = async (row: ImageRow, signal: AbortSignal): Promise<void> => {
    const path = joinPath(out, `${row.id}.png`);
    const there = await hashOf(path);
    if (there !== undefined && isVouchedFor(row, there, record, expected)) {
      hashes.set(row.id, there);
      progress.kept++;
      return;
    }
    const { id, url, box, line } = row;
    try {
      const got = await get(url, signal);
      const png = await pictureOf(got, row);
      await writeFileAtomic(path, png);
      const bytes = got.bytes.length;
      const hash = sha256(png);
      record.images.set(id, { url, box, from: got.url, bytes, source: sha256(got.bytes), png: hash });
      hashes.set(id, hash);
      progress.bytes += bytes;
      await record.note();
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      const stays = there === undefined ? '' : `; the ${id}.png that lies there is another or damaged`;
      missing.push({ line, id, url, reason: error.reason, detail: `${error.message}${stays}` });
      progress.missing++;
    }
  };
  try {
    await pool(list.rows, concurrency, options.signal, async (row, signal) => {
      await deal(row, signal);
      progress.done++;
      options.onProgress?.({ ...progress });
    });
  } catch (error) {
    // The first failure is the one to report.
    await record.save().catch(() => undefined);
    throw error;
  }
  await record.save();
  missing.sort((a, b) => a.line - b.line);
  await finish(out, list, { hashes, before, missing, partial, record });
  const differing = [...hashes].flatMap(([id, found]) => {
    const sum = expected.get(id);
    return sum === undefined || sum === found ? [] : [{ id, expected: sum, found }];
  });
  const { total, kept, bytes } = progress;
  return { total, kept, fetched: hashes.size - kept, bytes, missing, differing };
}

function isVouchedFor(row: ImageRow, hash: string, record: DownloadRecord, sums: Checksums): boolean {
  const known = record.images.get(row.id);
  if (known === undefined) return sums.get(row.id) === hash;
  const same = known.url === row.url && known.box.every((edge, i) => edge === row.box[i]);
  return same && (known.png === hash || sums.get(row.id) === hash);
}
