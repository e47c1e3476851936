import { type Command, Option } from 'commander';
import type { GoalKind, Queries } from '../../attacks/index.ts';
import { type Access, accesses, type InputSetting } from '../../models/index.ts';
import type { Device } from '../../runtime/index.ts';
import { AdvarenaError, type Pixels } from '../../tensor/index.ts';
import { deviceOption } from '../device.ts';
import { collect, parallel, whole } from '../values.ts';
import { areaShare, inputOf, queriesOf, radiiOf } from './flag-values.ts';

/** What the flags of `advarena attack` say, those of the chosen attack apart. */
export interface AttackFlags {
  images: string;
  labels?: string;
  size?: number;
  limit?: number;
  /** In their short form; one as a rule. */
  attack: string[];
  /** In pixel units of [0,1]; none for attacks of minimum norm. */
  epsilon?: number[] | 'free';
  norm?: 'linf' | 'l2' | 'l1' | 'l0';
  /** What l0 counts. */
  l0?: 'pixels' | 'entries';
  mask?: string;
  area?: number;
  source?: string[];
  opponent?: Access;
  queries?: Queries;
  draws?: number;
  goal?: GoalKind;
  targets?: string;
  predicted?: boolean;
  /** In their short form, in the order in which an image passes them. */
  defense?: string[];
  /** In their short form, the outermost first. */
  through?: string[];
  logits?: boolean;
  /** Values of further inputs, by their names. */
  input?: Record<string, InputSetting>;
  pixels: Pixels;
  seed: number;
  stopEarly?: boolean;
  hosts?: number;
  threads?: number;
  device: Device;
  json?: boolean;
  save?: string;
  report?: string;
}

/** Declares them. */
export function addAttackFlags(command: Command): void {
  command
    .requiredOption(
      '--images <path>',
      'folder of PNG files or of class folders, batch.npy (uint8, or float32 in [0,1]), MNIST idx or CIFAR .bin (file or folder)',
    )
    .option(
      '--labels <file>',
      "labels.csv (id,label[,target]), the competition's CSV, labels.npy, or for class folders a .txt of their order; by default what the images' folder says",
    )
    .option('--size <pixels>', 'scale image files to this shorter side, keep the middle', whole('--size', 1))
    .requiredOption(
      '--attack <name>',
      'NAME or NAME:option=value,...; advarena attacks lists all; repeatable, or all: a table of those that can run',
      collect,
    )
    .option(
      '--epsilon <numbers>',
      'radius in pixel units of [0,1], 8/255 or 0.03, for l0 a number of pixels; several with commas give a result each; attacks of minimum norm need none; free: no radius, with --mask or --area',
      radiiOf,
    )
    .addOption(
      new Option('--norm <norm>', "of the radius; linf, or the attack's only one, by default").choices([
        'linf',
        'l2',
        'l1',
        'l0',
      ]),
    )
    .addOption(
      new Option('--l0 <what>', 'what the norm l0 counts; pixels by default').choices(['pixels', 'entries']),
    )
    .option(
      '--mask <path>',
      'where pixels may change: a PNG for all images (white: may), a folder of ID.png, or a .npy of uint8 [N,1,H,W]',
    )
    .option(
      '--area <share>',
      'pixels may change in one square of this share of the area, 0.05 or 1/20, wherever it serves best',
      areaShare,
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
    .option(
      '--source <model>',
      'ONNX file that the attack opens in the place of the model; repeatable: several are one ensemble, or taken in turn',
      collect,
    )
    .addOption(
      new Option(
        '--opponent <access>',
        'what the attack may ask of the model; as much as it declares by default',
      ).choices(accesses),
    )
    .option(
      '--queries <number>',
      'most questions per image, decisions and scores together; or of each kind: scores=1000,gradients=50',
      queriesOf,
    )
    .option('--predicted', "attack the model's own answers on the clean images instead of the labels")
    .option(
      '--defense <name>',
      'put a defense before the model, as NAME or NAME:option=value,...; repeatable; advarena defenses lists all',
      collect,
    )
    .option(
      '--through <view>',
      'let the attack look through a view, such as bpda, as NAME or NAME:option=value,...; repeatable; advarena views lists all',
      collect,
    )
    .option('--logits', 'attack the logits before a final softmax or sigmoids')
    .option(
      '--input <value>',
      'what the graph reads beside the images: NAME=VALUE, the name of an input and a number, true, false, or a .npy file; repeatable',
      inputOf,
    )
    .addOption(
      new Option('--pixels <kind>', 'judge images rounded to 8 bits, or as they are')
        .choices(['8-bit', 'float32'])
        .default('8-bit'),
    )
    .option('--draws <number>', 'draws that the judge asks of a random model', whole('--draws', 1))
    .option('--seed <number>', 'of all random draws', whole('--seed', 0), 0)
    .option('--stop-early', 'leave images alone once they fool the model')
    .option('--limit <number>', 'attack the first images only', whole('--limit', 1))
    .option('--hosts <number>', 'processes that work at once', parallel('--hosts'))
    .option('--threads <number>', 'threads within each', parallel('--threads'))
    .addOption(deviceOption())
    .option('--json', 'one JSON object on stdout')
    .option(
      '--save <folder>',
      'write the images: ID.png, or adversarial.npy with --pixels float32; several radii in a folder each, such as 8-255',
    )
    .option('--report <file>', 'write an HTML report')
    .addHelpText(
      'after',
      `
The options of an attack are flags too: advarena attack --attack NAME --help
lists them, advarena attacks NAME tells more of the attack.`,
    );
  for (const name of ['epsilon', 'queries']) refuseTwice(command, name);
}

/** Of what takes several in one place, a second place would be read as one more, and the parser takes the last. */
function refuseTwice(command: Command, name: string): void {
  let times = 0;
  command.on(`option:${name}`, () => {
    times++;
    if (times > 1)
      throw new AdvarenaError('ARGUMENT', `--${name} is given twice.`, {
        remedy: 'Give it once, with commas between.',
      });
  });
}
