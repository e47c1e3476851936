import { Command, Option } from 'commander';
import { attacks, type GoalKind } from '../attacks/index.ts';
import { type Dataset, encodePng, loadDataset } from '../data/index.ts';
import { defend } from '../defenses/index.ts';
import {
  type AttackOutcome,
  type AttackResult,
  attack,
  resolveAttack,
  resolveDefense,
} from '../judge/index.ts';
import { type Classifier, loadModel } from '../models/index.ts';
import { attackHtml, attackTable } from '../report/index.ts';
import { type Device, dirName, isFolder, joinPath, makeFolder, writeFileAtomic } from '../runtime/index.ts';
import { AdvarenaError, channelsLast, rows, type Tensor, toUint8, writeNpy } from '../tensor/index.ts';
import { classesIn, offsetOf, targetClasses } from './classes.ts';
import { deviceOption } from './device.ts';
import { interruptible } from './interrupt.ts';
import { attackFlags, chosenOptions } from './option-flags.ts';
import { duration, progress } from './progress.ts';
import { terminal } from './terminal.ts';
import { positive, whole } from './values.ts';

interface Options {
  images: string;
  labels?: string;
  size?: number;
  attack: string;
  epsilon: number;
  norm: 'linf' | 'l2' | 'l1' | 'l0';
  goal?: GoalKind;
  targets?: string;
  predicted?: boolean;
  defense?: string[];
  through?: string[];
  logits?: boolean;
  pixels: '8-bit' | 'float32';
  seed: number;
  stopEarly?: boolean;
  limit?: number;
  hosts?: number;
  threads?: number;
  device: Device;
  json?: boolean;
  save?: string;
  report?: string;
}

export function attackCommand(): Command {
  const several = (value: string, before: string[] = []): string[] => [...before, value];
  const command = new Command('attack')
    .description('Attacks a classifier with one attack and judges the images.')
    .argument('<model>', 'ONNX file; the sidecar beside it is found by itself')
    .requiredOption(
      '--images <path>',
      'folder of PNG files or of class folders, batch.npy (uint8, or float32 in [0,1]), MNIST idx or CIFAR .bin (file or folder)',
    )
    .option(
      '--labels <file>',
      "labels.csv (id,label[,target]), the competition's CSV, labels.npy, or for class folders a .txt of their order; by default what the images' folder says",
    )
    .option('--size <pixels>', 'scale image files to this shorter side, keep the middle', whole('--size', 1))
    .addOption(new Option('--attack <name>', 'one of those below').makeOptionMandatory())
    .requiredOption(
      '--epsilon <number>',
      'radius in pixel units of [0,1]: 8/255 or 0.03',
      positive('--epsilon'),
    )
    .addOption(
      new Option('--norm <norm>', 'of the radius').choices(['linf', 'l2', 'l1', 'l0']).default('linf'),
    )
    .addOption(
      new Option('--goal <goal>', 'what the attack is after').choices([
        'untargeted',
        'targeted',
        'least-likely',
      ]),
    )
    .option(
      '--targets <which>',
      "classes to reach: next, random, csv (the labels' column), or FILE.npy of output indices",
    )
    .option('--predicted', "attack the model's own answers on the clean images instead of the labels")
    .option(
      '--defense <name>',
      'put a defense before the model, as NAME or NAME:key=value,key=value; repeatable',
      several,
    )
    .option('--through <view>', 'let the attack look through a view, such as bpda; repeatable', several)
    .option('--logits', 'attack the logits before a final softmax')
    .addOption(
      new Option('--pixels <kind>', 'judge images rounded to 8 bits, or as they are')
        .choices(['8-bit', 'float32'])
        .default('8-bit'),
    )
    .option('--seed <number>', 'of all random draws', whole('--seed', 0), 0)
    .option('--stop-early', 'leave images alone once they fool the model')
    .option('--limit <number>', 'attack the first images only', whole('--limit', 1))
    .option('--hosts <number>', 'processes that work at once', whole('--hosts', 1))
    .option('--threads <number>', 'threads within each', whole('--threads', 1))
    .addOption(deviceOption())
    .option('--json', 'one JSON object on stdout')
    .option('--save <folder>', 'write the images: ID.png, or adversarial.npy with --pixels float32')
    .option('--report <file>', 'write an HTML report');
  for (const flag of attackFlags()) command.addOption(flag);
  command.addHelpText(
    'after',
    `\nAttacks:\n${attacks.all.map((a) => `  ${a.name.padEnd(20)} ${a.title}`).join('\n')}`,
  );
  return command.action((model: string, options: Options) => run(model, options));
}

async function run(path: string, options: Options): Promise<void> {
  const chosen = chosenOptions(options as unknown as Record<string, unknown>);
  const { through = [] } = options;
  const resolved = resolveAttack({ name: options.attack, options: chosen, through });
  const goal =
    options.goal ??
    (options.targets !== undefined || !resolved.attack.goals.includes('untargeted')
      ? 'targeted'
      : 'untargeted');
  await refuse(options, goal);
  const dataset = await loadDataset({
    images: options.images,
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    ...(options.size === undefined ? {} : { size: options.size }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  });
  if (dataset.labels === undefined)
    throw new AdvarenaError('LABEL_MISSING', 'The images have no labels.', {
      where: options.images,
      remedy: 'Give a file of them with --labels.',
    });
  const [, , height = 0, width = 0] = dataset.images.shape;
  let model: Classifier = await loadModel(path, {
    size: { height, width },
    // The competition's labels are ImageNet's, whatever a model without sidecar may say.
    ...(dataset.labelOffset === 1 && dataset.classes === 1000 ? { dataset: 'imagenet-1k' } : {}),
    ...(options.logits === true ? { logits: true } : {}),
    settings: {
      device: options.device,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    },
  });
  for (const text of (options.defense ?? []).toReversed()) {
    const { defense, options: own } = resolveDefense(parseNamed(text));
    model = defend(model, defense, own);
  }
  const file = options.labels ?? options.images;
  const offset = offsetOf(dataset, options, model);
  const given = dataset.labels.map((l) => l + dataset.labelOffset);
  const labels = classesIn(file, given, { what: 'label', model, ids: dataset.ids, offset });
  const targets =
    goal === 'targeted'
      ? await targetClasses(options.targets, {
          dataset,
          file,
          offset,
          labels,
          model,
          seed: options.seed,
        })
      : undefined;
  if (options.save !== undefined) await makeFolder(options.save);

  const live = progress(options.json === true);
  const started = performance.now();
  const outcome = await interruptible(
    (signal) =>
      attack(model, resolved.attack, {
        images: dataset.images,
        ids: dataset.ids,
        labels,
        ...(targets === undefined ? {} : { targets }),
        epsilon: options.epsilon,
        norm: options.norm,
        goal,
        labelsFrom: options.predicted === true ? 'predicted' : 'true',
        options: chosen,
        through,
        pixels: options.pixels,
        seed: options.seed,
        stopEarly: options.stopEarly === true,
        ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
        signal,
        onProgress: ({ done, total, step }) => {
          const seconds = (performance.now() - started) / 1000;
          const left = done === 0 ? '' : `, ${duration((seconds / done) * (total - done))} left`;
          live.update(
            `${options.attack}: ${done} of ${total} images, ${duration(seconds)}${left}${step > 0 ? `, step ${step}` : ''}`,
          );
        },
      }),
    'Run the same command again: nothing was written.',
  );
  live.done();

  const result = inLabels(outcome, offset);
  if (options.save !== undefined) await save(options.save, outcome, dataset);
  if (options.report !== undefined) {
    const clean = dataset.images.dtype === 'uint8' ? dataset.images : toUint8(dataset.images);
    const adversarial = outcome.adversarial.bytes ?? toUint8(outcome.adversarial.images);
    const html = await attackHtml(result, { clean, adversarial });
    await writeFileAtomic(options.report, new TextEncoder().encode(html));
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`${attackTable(result, terminal())}\n`);
}

/** The result in the language of the labels given, without the images. */
function inLabels(outcome: AttackOutcome, offset: number): AttackResult {
  const { adversarial: _, ...result } = outcome;
  const shift = (c: number): number => (c < 0 ? c : c + offset);
  return {
    ...result,
    samples: result.samples.map((s) => ({
      ...s,
      label: shift(s.label),
      ...(s.target === undefined ? {} : { target: shift(s.target) }),
      clean: shift(s.clean),
      adversarial: shift(s.adversarial),
    })),
  };
}

/** @throws AdvarenaError OPTION_CONFLICT, ARGUMENT, OUTPUT_UNWRITABLE: what need not wait for the work to end */
async function refuse(options: Options, goal: GoalKind): Promise<void> {
  const conflict = (message: string, remedy: string): never => {
    throw new AdvarenaError('OPTION_CONFLICT', message, { remedy });
  };
  if (options.targets !== undefined && goal !== 'targeted')
    conflict(`--targets is of no use with the goal ${goal}.`, 'Leave it out, or take --goal targeted.');
  if (options.predicted === true && goal !== 'untargeted')
    conflict(`--predicted is of no use with the goal ${goal}.`, 'Leave it out, or take --goal untargeted.');
  if (options.norm === 'linf' && options.epsilon > 1)
    throw new AdvarenaError('ARGUMENT', `--epsilon is ${options.epsilon}, but pixels run from 0 to 1.`, {
      remedy: `Write levels as fractions of 255, such as ${Math.min(options.epsilon, 8)}/255.`,
    });
  const { report } = options;
  if (report === undefined) return;
  const folder = dirName(report);
  if (!(await isFolder(folder)) || (await isFolder(report)))
    throw new AdvarenaError('OUTPUT_UNWRITABLE', 'The report cannot be written there.', {
      where: report,
      remedy: 'Name a file in a folder that exists, such as report.html.',
    });
}

/** `jpeg` or `jpeg:quality=50,subsampling=4:4:4`. */
function parseNamed(text: string): { name: string; options: Record<string, unknown> } {
  const [name = '', ...rest] = text.split(':');
  const pairs = rest.join(':');
  const options: Record<string, unknown> = {};
  for (const pair of pairs === '' ? [] : pairs.split(',')) {
    const [key = '', value = ''] = pair.split('=');
    options[key] = value === '' || Number.isNaN(Number(value)) ? value : Number(value);
  }
  return { name, options };
}

async function save(folder: string, outcome: AttackOutcome, dataset: Dataset): Promise<void> {
  const { bytes, images } = outcome.adversarial;
  if (bytes === undefined) {
    await writeFileAtomic(joinPath(folder, 'adversarial.npy'), writeNpy(images));
    return;
  }
  for (const [i, id] of dataset.ids.entries()) {
    const png = await encodePng(toImage(rows(bytes, i, i + 1)));
    const path = joinPath(folder, `${id}.png`);
    // The id of an image of a class folder holds its folder.
    await makeFolder(dirName(path));
    await writeFileAtomic(path, png);
  }
}

/** One row [1, C, H, W] as pixels in the order of image files. */
function toImage({ shape, data }: Tensor<'uint8'>): Parameters<typeof encodePng>[0] {
  const [, channels = 1, height = 0, width = 0] = shape;
  return { height, width, channels, data: channelsLast(data, channels) };
}
