import path from 'node:path';
import { styleText } from 'node:util';
import { readTournament, reportFile, runTournament, type TournamentResult } from '../../arena/index.ts';
import { tournamentHtml, tournamentTables } from '../../report/index.ts';
import { openStoreReadOnly } from '../../runs/index.ts';
import { type Device, writeFileAtomic } from '../../runtime/index.ts';
import { defineCommand } from '../command.ts';
import { deviceOption } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { printAndWrite } from '../print-and-write.ts';
import { duration, progress } from '../progress.ts';
import { terminal } from '../terminal.ts';

interface Options {
  out?: string;
  device: Device;
  json?: boolean;
}

export const tournament = defineCommand({
  name: 'tournament',
  summary: 'Every attack against every defense, from one YAML file.',
  build(command) {
    command
      .command('run')
      .description('Hold a tournament, or go on with one that was stopped.')
      .argument('<rules>', 'competition file, YAML')
      .option('--out <folder>', 'run directory; runs/NAME by default, after the name of the file')
      .addOption(deviceOption())
      .option('--json', 'the result as one JSON object on stdout')
      .action((rules: string, options: Options) => hold(rules, options));
    command
      .command('report')
      .description('Score a run directory again from its records and write its report.')
      .argument('<folder>', 'run directory')
      .option('--json', 'the result as one JSON object on stdout')
      .action(async (folder: string, options: { json?: boolean }) =>
        tell(await readTournament(folder), folder, options),
      );
  },
});

async function hold(rules: string, options: Options): Promise<void> {
  const folder = options.out ?? path.join('runs', path.basename(rules).replace(/\.ya?ml$/, ''));
  const result = await runWithProgress(rules, folder, options);
  await tell(result, folder, options);
}

/** Runs a tournament with live progress on stderr; Ctrl-C stops it so that the same command goes on. */
async function runWithProgress(
  rules: string,
  folder: string,
  { device, json }: Options,
): Promise<TournamentResult> {
  const live = progress(json === true);
  const started = performance.now();
  /** Rendering the dataset is counted apart, before the tournament itself. */
  let phase = { total: 0, begun: 0, from: 0 };
  const result = await interruptible(
    (signal) =>
      runTournament(rules, {
        out: folder,
        device,
        signal,
        onProgress: ({ done, total, running }) => {
          const seconds = (performance.now() - started) / 1000;
          if (phase.total !== total) phase = { total, begun: done, from: seconds };
          const { begun, from } = phase;
          const left =
            done > begun
              ? `, about ${duration(((seconds - from) / (done - begun)) * (total - done))} left`
              : '';
          live.update(
            [
              `${done} of ${total} steps, ${duration(seconds)}${left}`,
              ...running.map(
                (r) => `  ${r.label}, ${duration(r.seconds)}${r.ticks > 0 ? `, step ${r.ticks}` : ''}`,
              ),
            ].join('\n'),
          );
        },
      }),
    `Run the same command again to go on: what is finished is in ${folder}.`,
  );
  live.done();
  return result;
}

/** Writes the report beside the records and prints the tables. */
async function tell(result: TournamentResult, folder: string, options: { json?: boolean }): Promise<void> {
  const report = path.join(folder, reportFile);
  const store = await openStoreReadOnly(folder);
  const html = await tournamentHtml(result, { images: (hash) => store.get(hash) });
  const where = `Report: ${styleText('bold', report, { stream: process.stdout })}; scores as CSV in ${path.join(folder, 'scores')}`;
  await printAndWrite(
    options.json === true
      ? `${JSON.stringify(result)}\n`
      : `${tournamentTables(result, terminal())}\n\n${where}\n`,
    [() => writeFileAtomic(report, new TextEncoder().encode(html))],
  );
}
