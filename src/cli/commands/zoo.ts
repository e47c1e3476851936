import { readNetwork } from '../../models/index.ts';
import { type ZooRow, zooTable, zooText } from '../../report/index.ts';
import {
  type Device,
  defaultHosts,
  joinPath,
  openHosts,
  openOutputs,
  readFile,
  writeFileAtomic,
} from '../../runtime/index.ts';
import { progressLine } from '../../training/index.ts';
import {
  measuredOf,
  measureEntry,
  produce,
  readLog,
  trainedModel,
  type ZooEntry,
  zooEntries,
  zooEntry,
} from '../../zoo/index.ts';
import { defineCommand } from '../command.ts';
import { deviceOption } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { printAndWrite } from '../print-and-write.ts';
import { duration, progress } from '../progress.ts';
import { terminal } from '../terminal.ts';
import { parallel, whole } from '../values.ts';

export const zoo = defineCommand({
  name: 'zoo',
  summary: 'The trained networks that ship: list, show, train anew.',
  build(command) {
    command
      .command('list')
      .description('All networks with their figures.')
      .option('--json', 'one JSON object on stdout')
      .action(async ({ json }: { json?: boolean }) => {
        const rows = await Promise.all((await zooEntries()).map(rowOf));
        process.stdout.write(json === true ? `${JSON.stringify(rows)}\n` : `${zooTable(rows, terminal())}\n`);
      });
    command
      .command('show')
      .description('One network: its recipe, all its figures, and what was checked of its defense.')
      .argument('<name>', 'of the network')
      .option('--json', 'one JSON object on stdout')
      .action(runShow);
    command
      .command('measure')
      .description('Measure a network of the zoo again; goes on where it was stopped.')
      .argument('<name>', 'of the network')
      .option('--model <file>', 'measure this ONNX file instead, such as one that you trained by the recipe')
      .option('--out <file>', 'where the figures go', 'measured.json')
      .option('--work <folder>', 'photographs, and parts that are done', 'runs/zoo')
      .option('--count <number>', 'photographs', whole('--count', 1), 10_000)
      .option(
        '--hosts <number>',
        'processes at work; as many as processors by default, one on a graphics card',
        parallel('--hosts'),
      )
      .addOption(deviceOption())
      .option('--json', 'the figures as one JSON object on stdout')
      .action(runMeasure);
    command
      .command('train')
      .description('Train a network of the zoo from nothing, by its recipe; goes on where it was stopped.')
      .argument('<name>', 'of the network')
      .option('--out <folder>', 'where the network goes; WORK/NAME by default')
      .option('--work <folder>', 'checkpoints, and photographs that trainings share', 'runs/zoo')
      .option('--json', 'a summary as one JSON object on stdout')
      .action((name: string, options: TrainOptions) => runTrain(name, options));
  },
});

interface TrainOptions {
  out?: string;
  work: string;
  json?: boolean;
}

async function runTrain(
  name: string,
  { work, json, out = joinPath(work, name) }: TrainOptions,
): Promise<void> {
  const outputs = await openOutputs({ folders: [out, work] });
  const entry = await zooEntry(name);
  await outputs.spareInputs(
    ['model.onnx', 'model.json', 'training.jsonl'].map((file) => joinPath(out, file)),
  );
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

async function rowOf(entry: ZooEntry): Promise<ZooRow> {
  const { name, recipe, model } = entry;
  const bytes = model === undefined ? undefined : (await readFile(model)).length;
  return { name, title: recipe.title, bytes, measured: await measuredOf(entry) };
}

async function runShow(name: string, { json }: { json?: boolean }): Promise<void> {
  const entry = await zooEntry(name);
  const row = await rowOf(entry);
  const log = await readLog(joinPath(entry.folder, 'training.jsonl'));
  const recipe = new TextDecoder().decode(await readFile(joinPath(entry.folder, 'recipe.yaml')));
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ ...row, recipe: entry.recipe, log })}\n`
      : `${zooText({ ...row, recipe, seconds: log.at(-1)?.seconds }, terminal())}\n`,
  );
}

interface MeasureOptions {
  model?: string;
  out: string;
  work: string;
  count: number;
  hosts?: number;
  device: Device;
  json?: boolean;
}

async function runMeasure(name: string, options: MeasureOptions): Promise<void> {
  const { out, work, count, device, json } = options;
  const all = await zooEntries();
  const outputs = await openOutputs({ files: [out], folders: [work] });
  const entry = await zooEntry(name);
  const model = options.model ?? trainedModel(entry);
  const bytes = (await readFile(model)).length;
  await readNetwork(model);
  await outputs.spareInputs([out]);
  const live = progress(json === true);
  const started = performance.now();
  const measured = await interruptible(async (signal) => {
    await using hosts = openHosts({ count: options.hosts ?? defaultHosts(device) });
    return await measureEntry({ ...entry, model }, all, {
      // Photographs that no recipe trains on: parts share no random number.
      images: { seed: 'zoo', count },
      work: joinPath(work, name),
      photographs: joinPath(work, 'photographs'),
      hosts,
      device,
      signal,
      onProgress: ({ trial, done, total }) =>
        live.update(`${trial}: ${done} of ${total}  ${duration((performance.now() - started) / 1000)}`),
    });
  }, 'Run the same command again: finished parts are kept.');
  live.done();
  const row: ZooRow = { name, title: entry.recipe.title, bytes, measured };
  await printAndWrite(
    json === true
      ? `${JSON.stringify(measured)}\n`
      : `${zooText({ ...row, recipe: `figures in ${out}`, seconds: undefined }, terminal())}\n`,
    [() => writeFileAtomic(out, new TextEncoder().encode(`${JSON.stringify(measured, null, 2)}\n`))],
  );
}
