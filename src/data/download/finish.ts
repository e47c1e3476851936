import { exists, joinPath, sha256, writeFileAtomic } from '../../runtime/index.ts';
import { cardFile } from '../card.ts';
import { csvText } from '../csv.ts';
import { tableFile } from './folder.ts';
import { type Checksums, type DownloadRecord, hashOf, writeChecksums } from './record.ts';
import { type ImageList, tableOf } from './rows.ts';
import type { MissingReason } from './transfer.ts';

export interface MissingImage {
  /** Of the CSV, from 1. */
  line: number;
  id: string;
  url: string;
  reason: MissingReason;
  /** What happened, in words. */
  detail: string;
}

export interface Gathered {
  hashes: Checksums;
  before: Checksums;
  missing: readonly MissingImage[];
  partial: boolean;
  record: DownloadRecord;
}

/** Writes what belongs to the folder beside the images; the CSV last. */
export async function finish(out: string, list: ImageList, gathered: Gathered): Promise<void> {
  const { hashes, before, missing, partial, record } = gathered;
  const present = list.rows.filter(({ id }) => hashes.has(id));
  // A checksum once written stays, so that a change is told each time until somebody takes its line out.
  const sums: Checksums = new Map(before);
  for (const { id } of present) if (!sums.has(id)) sums.set(id, hashes.get(id) as string);
  await writeChecksums(joinPath(out, 'SHA256SUMS'), sums);
  const missingPath = joinPath(out, 'missing.csv');
  if (missing.length > 0 || (await exists(missingPath))) {
    const lines = missing.map((m) => [m.line, m.id, m.url, m.reason, m.detail]);
    const text = csvText([['Line', 'ImageId', 'URL', 'Reason', 'Detail'], ...lines]);
    await writeFileAtomic(missingPath, new TextEncoder().encode(text));
  }
  if (list.card !== undefined) await writeFileAtomic(joinPath(out, cardFile), list.card);
  const table = partial && missing.length > 0 ? tableOf(present) : list.bytes;
  const path = joinPath(out, tableFile);
  const hash = sha256(table);
  if ((await hashOf(path)) === hash) return;
  if (!record.tables.includes(hash)) record.tables.push(hash);
  await record.save();
  await writeFileAtomic(path, table);
}
