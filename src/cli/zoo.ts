import { Command } from 'commander';
import { joinPath } from '../runtime/index.ts';
import { progressLine } from '../training/index.ts';
import { produce, zooEntry } from '../zoo/index.ts';
import { interruptible } from './interrupt.ts';
import { duration, progress } from './progress.ts';

export function zooCommand(): Command {
  const command = new Command('zoo').description('The trained networks that ship: list, show, train anew.');
  command
    .command('train')
    .description('Train a network of the zoo from nothing, by its recipe; goes on where it was stopped.')
    .argument('<name>', 'of the network')
    .option('--out <folder>', 'where the network goes; WORK/NAME by default')
    .option('--work <folder>', 'checkpoints, and photographs that trainings share', 'runs/zoo')
    .option('--json', 'a summary as one JSON object on stdout')
    .action((name: string, options: TrainOptions) => runTrain(name, options));
  return command;
}

interface TrainOptions {
  out?: string;
  work: string;
  json?: boolean;
}

async function runTrain(
  name: string,
  { work, json, out = joinPath(work, name) }: TrainOptions,
): Promise<void> {
  const entry = await zooEntry(name);
  const live = progress(json === true);
  const started = performance.now();
  const { count } = entry.recipe.data;
  const trained = await interruptible(
    (signal) =>
      produce(entry, {
        out,
        work,
        signal,
        onProgress: (p) => {
          const rendering = p.rendered < count ? `  ${p.rendered} of ${count} photographs` : '';
          live.update(`${progressLine(p)}${rendering}  waited ${p.waited.toFixed(1)} s`);
        },
      }),
    'Run the same command again: it goes on from its checkpoint.',
  );
  live.done();
  const seconds = (performance.now() - started) / 1000;
  const share = trained.waited / seconds;
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ name, folder: out, steps: trained.steps, seconds, waited: trained.waited })}\n`
      : `${name}: ${trained.steps} steps in ${duration(seconds)}, ${(100 * share).toFixed(1)} % of it waiting for photographs; in ${out}\n`,
  );
}
