import path from 'node:path';
import type { Command } from 'commander';
import { type DownloadProgress, type DownloadResult, downloadCompetition } from '../../data/index.ts';
import { printable } from '../../report/index.ts';
import { interruptible } from '../interrupt.ts';
import { duration, progress } from '../progress.ts';
import { whole } from '../values.ts';

interface Options {
  out: string;
  concurrency: number;
  timeout: number;
  retries: number;
  maxSize: number;
  checksums?: string;
  partial?: boolean;
  json?: boolean;
}

/** Images named one by one at the end; the file has all. */
const listed = 20;

const after = `
The folder then holds ID.png, dataset.csv, SHA256SUMS, download.json, and missing.csv where images could not be had.
The same command goes on after a stop, keeps what is right, and tries what is missing again.

Exit code: 0 all images are there (with --partial: at least one) and none differs from its checksum; 1 otherwise;
2 wrong input; 130 after Ctrl-C.`;

/** Declares `data nips2017`. */
export function buildNips2017(command: Command): void {
  command
    .description('Fetch the images of a CSV of the NIPS 2017 competition: cropped, 299x299, PNG.')
    .argument('<csv>', "file with the competition's header")
    .requiredOption('--out <folder>', 'a new folder, or that of an earlier download')
    .option('--concurrency <number>', 'images fetched at once', whole('--concurrency', 1), 4)
    .option('--timeout <seconds>', 'without a byte, then a try ends', whole('--timeout', 1), 30)
    .option('--retries <number>', 'further tries after timeouts, 429 and 5xx', whole('--retries', 0), 4)
    .option('--max-size <MiB>', 'largest file that is taken', whole('--max-size', 1), 64)
    .option('--checksums <file>', 'compare with these instead of SHA256SUMS in the folder')
    .option('--partial', 'let dataset.csv list only the images that came')
    .option('--json', 'a summary as one JSON object on stdout')
    .addHelpText('after', after)
    .action((csv: string, options: Options) => run(csv, options));
}

async function run(csv: string, options: Options): Promise<void> {
  const { out, json = false, partial = false, checksums } = options;
  const live = progress(json);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const result = await interruptible(
    (signal) =>
      downloadCompetition({
        csv,
        out,
        concurrency: options.concurrency,
        timeoutSeconds: options.timeout,
        retries: options.retries,
        maxBytes: options.maxSize * 2 ** 20,
        partial,
        ...(checksums === undefined ? {} : { checksums }),
        signal,
        onProgress: (state) => live.update(line(state, elapsed())),
      }),
    `Run the same command again to go on: what came is in ${out}.`,
  );
  live.done();
  const { total, missing, differing } = result;
  const accepted = missing.length === 0 || (partial && missing.length < total);
  if (!accepted || differing.length > 0) process.exitCode = 1;
  process.stdout.write(
    json
      ? `${JSON.stringify({ dataset: 'nips2017', folder: out, partial, ...result, seconds: elapsed() })}\n`
      : summary(result, { out, partial, accepted, seconds: elapsed() }),
  );
}

function line({ done, total, kept, missing, bytes }: DownloadProgress, seconds: number): string {
  const fetched = done - kept;
  const left = fetched > 0 ? `, about ${duration((seconds / fetched) * (total - done))} left` : '';
  return `${done} of ${total} images, ${missing} missing, ${megabytes(bytes)}${left}`;
}

function summary(
  { total, kept, fetched, bytes, missing, differing }: DownloadResult,
  { out, partial, accepted, seconds }: { out: string; partial: boolean; accepted: boolean; seconds: number },
): string {
  const lines = [
    `${total - missing.length} of ${total} images are in ${out}: ${fetched} fetched (${megabytes(bytes)}), ${kept} kept, ${duration(seconds)}`,
  ];
  if (missing.length > 0) {
    const counts = Map.groupBy(missing, (m) => m.reason);
    const reasons = [...counts].map(([reason, of]) => `${of.length} ${reason}`).join(', ');
    lines.push(`${missing.length} of ${total} are missing (${reasons}):`);
    lines.push(...some(missing.map((m) => `  line ${m.line}, ${m.id}: ${m.reason}, ${m.detail}; ${m.url}`)));
    lines.push(`All are listed in ${path.join(out, 'missing.csv')}; the same command tries them again.`);
    const table = path.join(out, 'dataset.csv');
    if (!accepted && !partial)
      lines.push(
        `${table} lists all ${total}, so the folder does not load; --partial lists those that came.`,
      );
    if (accepted) lines.push(`${table} lists only the ${total - missing.length} that came.`);
  }
  if (differing.length > 0) {
    lines.push(`${differing.length} of ${total} differ from their checksums:`);
    lines.push(...some(differing.map((d) => `  ${d.id}.png: ${d.found}, expected ${d.expected}`)));
    lines.push('To accept one, take its line out of the checksums.');
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function some(lines: readonly string[]): string[] {
  const more = lines.length - listed;
  return more > 0 ? [...lines.slice(0, listed), `  and ${more} more`] : [...lines];
}

/** `12.3 MB` */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
