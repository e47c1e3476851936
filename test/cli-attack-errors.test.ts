import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../src/data/index.ts';
import { tensor, writeNpy } from '../src/tensor/index.ts';
import { openWorld, withoutCatalog } from './cli-world.ts';

/** Wrong limits, sources, budgets and draws: one message each with the thing, the place and the remedy, exit code 2. */

let world: Awaited<ReturnType<typeof openWorld>>;

beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
  const write = (name: string, bytes: Uint8Array): void =>
    writeFileSync(path.join(world.folder, name), bytes);
  const black = await encodePng({ height: 8, width: 8, channels: 1, data: new Uint8Array(64) });
  write('black.png', black);
  const white = await encodePng({ height: 8, width: 8, channels: 1, data: new Uint8Array(64).fill(255) });
  mkdirSync(path.join(world.folder, 'masks'));
  write('masks/im00.png', white);
  write('levels.npy', writeNpy(tensor(new Uint8Array(64).fill(255), [8, 8], 'uint8')));
  const oneEmpty = new Uint8Array(12 * 64).fill(1);
  oneEmpty.fill(0, 3 * 64, 4 * 64);
  write('one-empty.npy', writeNpy(tensor(oneEmpty, [12, 1, 8, 8], 'uint8')));
});
afterAll(() => world.close());

/** What lines of flags after the model and the images end in, without repeating these. */
async function told(flags: readonly string[]): Promise<string> {
  const start = 'attack quad.onnx --images images --labels labels.csv --hosts 1 ';
  const lines = flags.map((line) => start + line);
  const ended = await world.all(lines);
  const said = ended.map(
    ({ out, err, code }, i) => `$ ${flags[i]}\n${out}${err}${code === 2 ? '' : `= ${code}\n`}`,
  );
  return withoutCatalog(said.join('\n'));
}

test('further inputs', async () => {
  const lines = [
    '--attack noop --epsilon 8/255 --input keep',
    '--attack noop --epsilon 8/255 --input =1',
    '--attack noop --epsilon 8/255 --input keep=',
    '--attack noop --epsilon 8/255 --input keep=much',
    '--attack noop --epsilon 8/255 --input keep=1 --input keep=2',
    '--attack noop --epsilon 8/255 --input keep=none.npy',
    '--attack noop --epsilon 8/255 --input keep=1',
    '--attack noop --epsilon 8/255 --input pixels=1',
  ];
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack noop --epsilon 8/255 --input keep
    error ARGUMENT  --input is "keep".
      fix: Write NAME=VALUE: the name of an input of the graph, and a number, true, false, or a .npy file.

    $ --attack noop --epsilon 8/255 --input =1
    error ARGUMENT  --input is "=1".
      fix: Write NAME=VALUE: the name of an input of the graph, and a number, true, false, or a .npy file.

    $ --attack noop --epsilon 8/255 --input keep=
    error ARGUMENT  --input is "keep=".
      fix: Write NAME=VALUE: the name of an input of the graph, and a number, true, false, or a .npy file.

    $ --attack noop --epsilon 8/255 --input keep=much
    error ARGUMENT  --input is "keep=much".
      fix: Write NAME=VALUE: the name of an input of the graph, and a number, true, false, or a .npy file.

    $ --attack noop --epsilon 8/255 --input keep=1 --input keep=2
    error ARGUMENT  --input gives "keep" twice.
      fix: Give it once.

    $ --attack noop --epsilon 8/255 --input keep=none.npy
    error FILE_MISSING  none.npy: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.

    $ --attack noop --epsilon 8/255 --input keep=1
    error MODEL_INPUT  quad.json: The graph has no input "keep" that a value could be given to.
      fix: Its inputs are pixels.

    $ --attack noop --epsilon 8/255 --input pixels=1
    error MODEL_INPUT  quad.json: The input "pixels" takes the images and can be given nothing else.
      fix: Its inputs are pixels.
    "
  `);
});

test('radii', async () => {
  const lines = [
    '--attack pgd',
    '--attack pgd --epsilon free',
    '--attack pgd --epsilon 8/255,',
    '--attack pgd --epsilon 8/255,free',
    '--attack pgd --epsilon 8/255,8/255',
    '--attack pgd --epsilon 8/255 --epsilon 4/255',
    '--attack ddn --epsilon 1,-1',
    '--attack noop --norm l0 --epsilon 8/255',
    '--attack noop --norm l0 --l0 entries --epsilon 0.5',
    '--attack noop --norm l2 --l0 entries --epsilon 5',
    '--attack noop --l0 pixels --epsilon 5',
  ];
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack pgd
    error EPSILON  The attack pgd works inside a radius, and none is given.
      fix: Give --epsilon, such as 8/255, or take an attack of minimum norm.

    $ --attack pgd --epsilon free
    error EPSILON  Without a bound an attack could paint any image.
      fix: Give a radius, or a region for it to work in: --mask FILE, or --area SHARE of the image.

    $ --attack pgd --epsilon 8/255,
    error ARGUMENT  --epsilon is "8/255,", in which "" is no radius.
      fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.

    $ --attack pgd --epsilon 8/255,free
    error ARGUMENT  --epsilon is "8/255,free", in which "free" is no radius.
      fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.

    $ --attack pgd --epsilon 8/255,8/255
    error EPSILON  The epsilon 8/255 stands there twice.
      fix: Leave one of them out.

    $ --attack pgd --epsilon 8/255 --epsilon 4/255
    error ARGUMENT  --epsilon is given twice.
      fix: Give it once, with commas between.

    $ --attack ddn --epsilon 1,-1
    error ARGUMENT  --epsilon is "1,-1", in which "-1" is no radius.
      fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.

    $ --attack noop --norm l0 --epsilon 8/255
    error EPSILON  epsilon is 0.03137254901960784.
      fix: Give a whole number of pixels, such as 5.

    $ --attack noop --norm l0 --l0 entries --epsilon 0.5
    error EPSILON  epsilon is 0.5.
      fix: Give a whole number of entries, such as 5.

    $ --attack noop --norm l2 --l0 entries --epsilon 5
    error OPTION_CONFLICT  --l0 is of use with --norm l0 only.
      fix: Leave it out, or take --norm l0.

    $ --attack noop --l0 pixels --epsilon 5
    error OPTION_CONFLICT  --l0 is of use with --norm l0 only.
      fix: Leave it out, or take --norm l0.
    "
  `);
});

test('regions', async () => {
  const masks = [
    'gone.png',
    'labels.csv',
    'sizes/im01.png',
    'black.png',
    'masks',
    'floats.npy',
    'batch.npy',
    'levels.npy',
    'one-empty.npy',
  ];
  const lines = [
    '--attack sticker --epsilon free',
    '--attack sticker --epsilon 8/255',
    '--attack pgd --epsilon 8/255 --area 0.1 --mask black.png',
    ...['0', '2', '-0.1', 'half'].map((share) => `--attack pgd --epsilon 8/255 --area ${share}`),
    ...masks.map((mask) => `--attack pgd --epsilon 8/255 --mask ${mask}`),
  ];
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack sticker --epsilon free
    error REGION  The attack sticker works in a region of the image.
      fix: Give one: --mask FILE, or --area SHARE of the image.

    $ --attack sticker --epsilon 8/255
    error REGION  The attack sticker works in a region of the image.
      fix: Give one: --mask FILE, or --area SHARE of the image.

    $ --attack pgd --epsilon 8/255 --area 0.1 --mask black.png
    error OPTION_CONFLICT  --mask and --area both say where pixels may change.
      fix: Leave one of them out.

    $ --attack pgd --epsilon 8/255 --area 0
    error ARGUMENT  --area is "0".
      fix: Give a share of the area above 0 and at most 1, as a fraction (1/20) or a decimal (0.05).

    $ --attack pgd --epsilon 8/255 --area 2
    error ARGUMENT  --area is "2".
      fix: Give a share of the area above 0 and at most 1, as a fraction (1/20) or a decimal (0.05).

    $ --attack pgd --epsilon 8/255 --area -0.1
    error ARGUMENT  --area is "-0.1".
      fix: Give a share of the area above 0 and at most 1, as a fraction (1/20) or a decimal (0.05).

    $ --attack pgd --epsilon 8/255 --area half
    error ARGUMENT  --area is "half".
      fix: Give a share of the area above 0 and at most 1, as a fraction (1/20) or a decimal (0.05).

    $ --attack pgd --epsilon 8/255 --mask gone.png
    error FILE_MISSING  gone.png: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.

    $ --attack pgd --epsilon 8/255 --mask labels.csv
    error IMAGE_FORMAT  labels.csv: The file is no image, not an 8-bit grey or RGB PNG.
      fix: Convert it to an 8-bit grey or RGB PNG; how its levels change is then your choice.

    $ --attack pgd --epsilon 8/255 --mask sizes/im01.png
    error MASK  sizes/im01.png: The mask is 8x9.
      fix: Give a PNG of 8x8 pixels, white where pixels may change and black elsewhere.

    $ --attack pgd --epsilon 8/255 --mask black.png
    error MASK  black.png: The mask lets no pixel change.
      fix: Give a PNG of 8x8 pixels, white where pixels may change and black elsewhere.

    $ --attack pgd --epsilon 8/255 --mask masks
    error FILE_MISSING  masks/im01.png: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.

    $ --attack pgd --epsilon 8/255 --mask floats.npy
    error MASK  floats.npy: The mask is float32.
      fix: Give uint8 or bool [12, 1, 8, 8], or [8, 8] for all images: 1 where pixels may change, else 0.

    $ --attack pgd --epsilon 8/255 --mask batch.npy
    error MASK  batch.npy: The mask has the shape [12, 3, 8, 8].
      fix: Give uint8 or bool [12, 1, 8, 8], or [8, 8] for all images: 1 where pixels may change, else 0.

    $ --attack pgd --epsilon 8/255 --mask levels.npy
    error MASK  levels.npy: The mask holds 255.
      fix: Give uint8 or bool [12, 1, 8, 8], or [8, 8] for all images: 1 where pixels may change, else 0.

    $ --attack pgd --epsilon 8/255 --mask one-empty.npy
    error MASK  one-empty.npy, row 3: The mask lets no pixel change.
      fix: Give uint8 or bool [12, 1, 8, 8], or [8, 8] for all images: 1 where pixels may change, else 0.
    "
  `);
});

test('sources and what may be asked of the model', async () => {
  const lines = [
    '--attack fgsm --source gone.onnx',
    '--attack fgsm --source background.onnx',
    '--attack in-turn --source softmax.onnx --source background.onnx',
    '--attack noop --source softmax.onnx',
    '--attack pgd --opponent scores',
    '--attack prior-guided --source softmax.onnx --opponent decision',
    '--attack fgsm --opponent everything',
    '--attack square --opponent scores --stop-early',
  ].map((line) => `${line} --epsilon 8/255`);
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack fgsm --source gone.onnx --epsilon 8/255
    error FILE_MISSING  gone.onnx: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.

    $ --attack fgsm --source background.onnx --epsilon 8/255
    error SOURCES  The source background answers with 1000 classes, quad with 4.
      fix: Take sources of the same dataset.

    $ --attack in-turn --source softmax.onnx --source background.onnx --epsilon 8/255
    error SOURCES  The source background answers with 1000 classes, quad with 4.
      fix: Take sources of the same dataset.

    $ --attack noop --source softmax.onnx --epsilon 8/255
    error SOURCES  The attack noop opens no model.
      fix: Leave its sources out.

    $ --attack pgd --opponent scores --epsilon 8/255
    error OPPONENT  The attack pgd asks the judged model for gradient.
      fix: Grant it: --opponent gradient (opponent: 'gradient').

    $ --attack prior-guided --source softmax.onnx --opponent decision --epsilon 8/255
    error OPPONENT  The attack prior-guided asks the judged model for scores.
      fix: Grant it: --opponent scores (opponent: 'scores').

    $ --attack fgsm --opponent everything --epsilon 8/255
    error ARGUMENT  Option '--opponent <access>' argument 'everything' is invalid. Allowed choices are none, decision, scores, gradient.
      fix: Add --help to the command to see what it takes.

    $ --attack square --opponent scores --stop-early --epsilon 8/255
    error OPTION_CONFLICT  --stop-early asks the model about every image that seems done.
      fix: Leave it out where the attack may not ask so much: --opponent says how much it may.
    "
  `);
});

test('queries and draws', async () => {
  const queries = [
    '0',
    '-5',
    '1.5',
    'scores',
    'scores=',
    'scores=1=2',
    'score=5',
    'scores=5,scores=6',
    'decisions=5',
    '5 --queries 6',
    '99999999999999999999',
  ];
  const lines = [
    ...queries.map((queries) => `--attack pgd --epsilon 8/255 --queries ${queries}`),
    '--attack square --epsilon 8/255 --queries gradients=5',
    '--attack noop --epsilon 8/255 --queries 5',
    '--attack square:queries=5 --epsilon 8/255',
    '--attack pgd:step-szie=5 --epsilon 8/255',
    '--attack pgd --epsilon 8/255 --draws 0',
    '--attack pgd --epsilon 8/255 --draws few',
    '--attack pgd-then-square:steps=3 --epsilon 8/255',
  ];
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack pgd --epsilon 8/255 --queries 0
    error ARGUMENT  --queries is "0".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries -5
    error ARGUMENT  --queries is "-5".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries 1.5
    error ARGUMENT  --queries is "1.5".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries scores
    error ARGUMENT  --queries is "scores".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries scores=
    error ARGUMENT  --queries is "scores=".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries scores=1=2
    error ARGUMENT  --queries is "scores=1=2".
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries score=5
    error ARGUMENT  Unknown kind of question "score". Choose one of: (names). Did you mean "scores"?
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack pgd --epsilon 8/255 --queries scores=5,scores=6
    error ARGUMENT  --queries names scores twice.
      fix: Name it once.

    $ --attack pgd --epsilon 8/255 --queries decisions=5
    error QUERIES  The attack pgd asks for no decisions.
      fix: It asks for scores and gradients.

    $ --attack pgd --epsilon 8/255 --queries 5 --queries 6
    error ARGUMENT  --queries is given twice.
      fix: Give it once, with commas between.

    $ --attack pgd --epsilon 8/255 --queries 99999999999999999999
    error ARGUMENT  --queries is "99999999999999999999": a whole number here is at most 9007199254740991.
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack square --epsilon 8/255 --queries gradients=5
    error QUERIES  The attack square asks for no gradients.
      fix: It asks for scores.

    $ --attack noop --epsilon 8/255 --queries 5
    error QUERIES  The attack noop asks for no decisions or scores.
      fix: It asks nothing: leave the limit out.

    $ --attack square:queries=5 --epsilon 8/255
    error OPTION  The attack square has no option "queries".
      fix: Give --queries beside it: it is a flag of the command.

    $ --attack pgd:step-szie=5 --epsilon 8/255
    error OPTION  The attack pgd has no option "step-szie". Did you mean "stepSize"?
      fix: Its options are steps, stepSize, restarts, randomStart, loss, sparsity.

    $ --attack pgd --epsilon 8/255 --draws 0
    error ARGUMENT  --draws is "0".
      fix: Give a whole number of at least 1.

    $ --attack pgd --epsilon 8/255 --draws few
    error ARGUMENT  --draws is "few".
      fix: Give a whole number of at least 1.

    $ --attack pgd-then-square:steps=3 --epsilon 8/255
    error OPTION  The attack pgd-then-square has no option "steps"; (names) have it.
      fix: It takes no options.
    "
  `);
});

test('what a terminal would obey is written out, wherever it stands', async () => {
  const hostile = '\u001B[2J';
  const lines = [
    `--epsilon ${hostile}`,
    `--epsilon 8/255 --queries ${hostile}=1`,
    `--epsilon 8/255 --mask ${hostile}`,
  ];
  const said = await told(lines.map((line) => `--attack pgd ${line}`));
  const errors = said.split('\n').filter((line) => line.startsWith('error'));
  expect(errors).toMatchInlineSnapshot(`
    [
      "error ARGUMENT  --epsilon is "\\x1b[2J".",
      "error ARGUMENT  Unknown kind of question "\\x1b[2J". Choose one of: (names).",
      "error FILE_MISSING  \\x1b[2J: There is no such file or folder.",
    ]
  `);
});

test('whole numbers that cannot be held exactly', async () => {
  const large = '99999999999999999999';
  const lines = [
    `--attack pgd --epsilon 8/255 --steps ${large}`,
    `--attack pgd:steps=${large} --epsilon 8/255`,
    '--attack pgd --epsilon 8/255 --seed 9007199254740993',
    `--attack square --epsilon 8/255 --queries scores=${large}`,
    `--attack noop --epsilon 8/255 --limit ${large}`,
  ];
  expect(await told(lines)).toMatchInlineSnapshot(`
    "$ --attack pgd --epsilon 8/255 --steps 99999999999999999999
    error OPTION  The option steps of the attack pgd is "99999999999999999999"; allowed: whole number from 1, at most 9007199254740991.
      fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.

    $ --attack pgd:steps=99999999999999999999 --epsilon 8/255
    error OPTION  The option steps of the attack pgd is "99999999999999999999"; allowed: whole number from 1, at most 9007199254740991.
      fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.

    $ --attack pgd --epsilon 8/255 --seed 9007199254740993
    error ARGUMENT  --seed is "9007199254740993": a whole number here is at most 9007199254740991.
      fix: Give a whole number of at least 0.

    $ --attack square --epsilon 8/255 --queries scores=99999999999999999999
    error ARGUMENT  --queries is "scores=99999999999999999999": a whole number here is at most 9007199254740991.
      fix: Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.

    $ --attack noop --epsilon 8/255 --limit 99999999999999999999
    error ARGUMENT  --limit is "99999999999999999999": a whole number here is at most 9007199254740991.
      fix: Give a whole number of at least 1.
    "
  `);
});
