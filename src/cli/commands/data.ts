import { Option } from 'commander';
import { type Nuisance, type RoadsignPart, roadsignParts, writeRoadsigns } from '../../data/index.ts';
import { defineCommand } from '../command.ts';
import { buildNips2017 } from '../data/nips2017.ts';
import { interruptible } from '../interrupt.ts';
import { duration, progress } from '../progress.ts';
import { whole } from '../values.ts';

interface Options {
  count: number;
  seed: string;
  part: RoadsignPart;
  out: string;
  off?: Nuisance[];
  json?: boolean;
}

export const data = defineCommand({
  name: 'data',
  summary: 'Make and fetch datasets.',
  build(command) {
    command
      .command('roadsigns')
      .description('Render photographs of road signs: 16 classes, 64x64, in the layout of the competition.')
      .requiredOption('--count <number>', 'how many', whole('--count', 1))
      .requiredOption('--seed <seed>', 'a number or a word; keep it secret to keep a final set secret')
      .addOption(
        new Option('--part <part>', 'parts share no random number').choices(roadsignParts).default('dev'),
      )
      .requiredOption('--out <folder>', 'a folder that is empty or not there yet')
      .option('--off <nuisances...>', 'what to leave out, e.g. occlusion motionBlur')
      .option('--json', 'a summary as one JSON object on stdout')
      .action((options: Options) => run(options));
    buildNips2017(command.command('nips2017'));
  },
});

async function run({ count, seed, part, out, off, json }: Options): Promise<void> {
  const live = progress(json === true);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const { sha256 } = await interruptible(
    (signal) =>
      writeRoadsigns({
        count,
        seed,
        part,
        folder: out,
        ...(off === undefined ? {} : { off }),
        signal,
        onProgress: (done) =>
          live.update(
            `${done} of ${count} photographs, about ${duration((elapsed() / done) * (count - done))} left`,
          ),
      }),
    'Empty the folder and run the command again.',
  );
  live.done();
  const seconds = elapsed();
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ dataset: 'roadsigns', folder: out, part, count, sha256, seconds })}\n`
      : `${count} photographs in ${out}, ${duration(seconds)}, sha256 of their levels ${sha256}\n`,
  );
}
