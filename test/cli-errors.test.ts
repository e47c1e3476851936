import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { int64, writeNpy } from '../src/tensor/index.ts';
import { openWorld, withoutCatalog } from './cli-world.ts';

/** Bad input by the command line: one clear message with the thing, the place and the remedy, nothing on stdout. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const folder = '--images images --labels labels.csv';
const limit = '--epsilon 8/255 --hosts 1';

describe('attack refuses', () => {
  test('models that are none, or contradict themselves', async () => {
    const models = 'gone text cut nan outside liar grey scribble unknown'.split(' ');
    const lines = models.map((m) => `attack ${m}.onnx ${folder} --attack fgsm ${limit}`);
    expect(await world.tell(lines)).toMatchInlineSnapshot(`
      "$ attack gone.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error FILE_MISSING  gone.onnx: There is no such file or folder.
        fix: Check the path; relative ones start at the working folder.
      = 2

      $ attack text.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error ONNX_READ  text.onnx: This is not an ONNX model, or the file is cut short.
        fix: Export the model again, or copy the file anew and compare its size.
      = 2

      $ attack cut.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error ONNX_READ  cut.onnx: This is not an ONNX model, or the file is cut short.
        fix: Export the model again, or copy the file anew and compare its size.
      = 2

      $ attack nan.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error MODEL_NAN  nan.onnx, read by node Gemm "Gemm": The constant "offsets" holds NaN at element 0.
        fix: Export a checkpoint from before the training diverged.
      = 2

      $ attack outside.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error ONNX_EXTERNAL  outside.onnx: Weights are kept in "kernel.bin", which cannot be read.
        fix: Put that file beside the model: the two belong together.
      = 2

      $ attack liar.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error MODEL_OUTPUT  liar.json: The graph has 4 outputs, its sidecar says 7 classes.
        fix: Correct output.classes in the sidecar.
      = 2

      $ attack grey.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error MODEL_INPUT  grey.json: The graph takes [N, 3, 8, 8], its sidecar says [N, 1, 8, 8] (NCHW).
        fix: Correct layout, height, width and channels of the input in the sidecar.
      = 2

      $ attack scribble.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error SIDECAR  scribble.json: The sidecar is no JSON: it is cut off at its end.
        fix: Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
      = 2

      $ attack unknown.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --hosts 1
      error RUNTIME_LOAD  unknown: ONNX Runtime has no operator Frobnicate.
        fix: Export the model with standard operators, of opset 7 to 26.
      = 2
      "
    `);
  });

  test('images', async () => {
    const sets = ['sizes', 'deep', 'palette', 'cut'].map((name) => `--images ${name} --labels pair.csv`);
    const others = [
      '--images grey --labels single.csv',
      '--images none --labels labels.csv',
      '--images gone --labels labels.csv',
      '--images empty.npy --labels labels.npy',
      '--images between.npy --labels labels.npy',
    ];
    const lines = [...sets, ...others].map((s) => `attack quad.onnx ${s} --attack noop ${limit}`);
    expect(await world.tell(lines)).toMatchInlineSnapshot(`
      "$ attack quad.onnx --images sizes --labels pair.csv --attack noop --epsilon 8/255 --hosts 1
      error IMAGE_SIZE  sizes/im01.png: The image is 8x9 RGB, but im00.png is 8x8 RGB.
        fix: Bring all images of a dataset to one size, or scale them: --size 8 (size: 8).
      = 2

      $ attack quad.onnx --images deep --labels pair.csv --attack noop --epsilon 8/255 --hosts 1
      error IMAGE_FORMAT  deep/im01.png: The file is an RGB PNG of 16 bits per channel, not an 8-bit grey or RGB PNG.
        fix: Convert it to an 8-bit grey or RGB PNG; how its levels change is then your choice.
      = 2

      $ attack quad.onnx --images palette --labels pair.csv --attack noop --epsilon 8/255 --hosts 1
      error IMAGE_FORMAT  palette/im01.png: The file is a PNG with a palette, not an 8-bit grey or RGB PNG.
        fix: Convert it to an 8-bit grey or RGB PNG; how its levels change is then your choice.
      = 2

      $ attack quad.onnx --images cut --labels pair.csv --attack noop --epsilon 8/255 --hosts 1
      error IMAGE_UNREADABLE  cut/im01.png: The image is damaged or cut off.
        fix: Copy or make the file again.
      = 2

      $ attack quad.onnx --images grey --labels single.csv --attack noop --epsilon 8/255 --hosts 1
      error IMAGE_SIZE  quad: The images are 1x8x8 (channels, height, width); the model was made for 3x8x8.
        fix: Use images with the number of channels that the model takes.
      = 2

      $ attack quad.onnx --images none --labels labels.csv --attack noop --epsilon 8/255 --hosts 1
      error NO_IMAGES  none: The folder holds no PNG files.
        fix: Name a folder of 8-bit RGB or grey PNG files.
      = 2

      $ attack quad.onnx --images gone --labels labels.csv --attack noop --epsilon 8/255 --hosts 1
      error FILE_MISSING  gone: There is no such file or folder.
        fix: Check the path; relative ones start at the working folder.
      = 2

      $ attack quad.onnx --images empty.npy --labels labels.npy --attack noop --epsilon 8/255 --hosts 1
      error NO_IMAGES  empty.npy: The array holds no images.
        fix: Save at least one image.
      = 2

      $ attack quad.onnx --images between.npy --labels labels.npy --attack noop --epsilon 8/255 --hosts 1
      error PIXELS  The images are not 8-bit: they hold values between the levels of 1/255.
        fix: Judge them without rounding: --pixels float32 (pixels: "float32").
      = 2
      "
    `);
  });

  test('labels and targets', async () => {
    writeFileSync(path.join(world.folder, 'nines.npy'), writeNpy(int64(Array.from({ length: 12 }, () => 9))));
    const lines = [
      '--images images --labels part.csv',
      '--images images --labels high.csv',
      '--images images --labels word.csv',
      '--images images --labels own.csv',
      '--images batch.npy --labels short.npy',
      '--images batch.npy --labels nines.npy',
      `${folder} --goal targeted --targets short.npy`,
      `${folder} --targets labels.npy`,
      `${folder} --targets nxt`,
      '--images batch.npy --labels labels.npy --goal targeted',
    ].map((l) => `attack quad.onnx ${l} --attack pgd ${limit}`);
    lines.push(`attack background.onnx ${folder} --attack pgd ${limit}`);
    expect(await world.tell(lines)).toMatchInlineSnapshot(`
      "$ attack quad.onnx --images images --labels part.csv --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_MISSING  images: No label for "im08", "im09", "im10", "im11".
        fix: Add their rows, or take the images away.
      = 2

      $ attack quad.onnx --images images --labels high.csv --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_RANGE  high.csv: The label of image "im03" is 9; quad answers with 0 to 3.
        fix: Correct it, or labels.offset in the sidecar of the model: label = output index + offset.
      = 2

      $ attack quad.onnx --images images --labels word.csv --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_INVALID  word.csv, line 5: The label "cat" is not a whole number.
        fix: Give classes as numbers.
      = 2

      $ attack quad.onnx --images images --labels own.csv --attack pgd --epsilon 8/255 --hosts 1
      error TARGET_IS_LABEL  own.csv, line 5: The target class is the true class.
        fix: Give another target: an image cannot be pushed to where it is.
      = 2

      $ attack quad.onnx --images batch.npy --labels short.npy --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_MISSING  short.npy: 11 labels for 12 images.
        fix: Save one label per image, in the order of the images.
      = 2

      $ attack quad.onnx --images batch.npy --labels nines.npy --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_RANGE  nines.npy: The label of image "0" is 9; quad answers with 0 to 3.
        fix: Correct it: a .npy holds output indices of the model, counted from 0.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --goal targeted --targets short.npy --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_MISSING  short.npy: 11 targets for 12 images.
        fix: Save one target per image, in the order of the images.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --targets labels.npy --attack pgd --epsilon 8/255 --hosts 1
      error TARGET  The target of image im00 is its true label.
        fix: Give every image another class as its target.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --targets nxt --attack pgd --epsilon 8/255 --hosts 1
      error ARGUMENT  Unknown --targets "nxt". Choose one of: next, random, csv, FILE.npy. Did you mean "next"?
      = 2

      $ attack quad.onnx --images batch.npy --labels labels.npy --goal targeted --attack pgd --epsilon 8/255 --hosts 1
      error ARGUMENT  labels.npy: A targeted attack needs targets, and the labels hold none.
        fix: Give --targets next, random or FILE.npy, or a column target in the labels.
      = 2

      $ attack background.onnx --images images --labels labels.csv --attack pgd --epsilon 8/255 --hosts 1
      error LABEL_RANGE  labels.csv: The label of image "im00" is 0; background answers with 1 to 1000.
        fix: Correct it, or labels.offset in the sidecar of the model: label = output index + offset.
      = 2
      "
    `);
  });

  test('numbers and options', async () => {
    const radii = ['0', '-1', '8/0', '8', 'much'].map((e) => `--attack noop --epsilon ${e}`);
    const rest = [
      '--attack pdg',
      '--attack fgsm --steps 4',
      '--attack pgd --steps 0',
      '--attack pgd --norm l0',
      '--attack pgd --goal least-likely --targets next',
      '--attack pgd --predicted --targets next',
      '--attack pgd --defense jpeg:qualty=50',
      '--attack pgd --defense jpeg',
      '--attack pgd --save labels.csv',
      '--attack pgd --report gone/report.html',
      '--attack pgd --stepsize 4',
      '--attack pgd:steps=4 --steps 4',
      '--attack pgd --steps 4 --steps 5',
      '--attack pgd --steps many',
      '--attack pgd --pairs 4',
      '--attack pgd:decay=1',
      '--attack pgd:loss=margn',
      '--attack pgd:randomStart=maybe',
      '--attack pgd:steps=[4',
      '--attack pgd --defense jpeg:subsampling=4:2:2',
      '--attack pgd --through bpda:backward=identty',
      '--attack pgd --through bdpa',
    ].map((l) => `${l} --epsilon 8/255`);
    const lines = [...radii, ...rest].map((l) => `attack quad.onnx ${folder} ${l} --hosts 1`);
    expect(withoutCatalog(await world.tell(lines))).toMatchInlineSnapshot(`
      "$ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 0 --hosts 1
      error ARGUMENT  --epsilon is "0".
        fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon -1 --hosts 1
      error ARGUMENT  --epsilon is "-1".
        fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 8/0 --hosts 1
      error ARGUMENT  --epsilon is "8/0".
        fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 8 --hosts 1
      error ARGUMENT  --epsilon is 8, but pixels run from 0 to 1.
        fix: Write levels as fractions of 255, such as 8/255.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon much --hosts 1
      error ARGUMENT  --epsilon is "much".
        fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pdg --epsilon 8/255 --hosts 1
      error UNKNOWN_NAME  Unknown attack "pdg". Choose one of: (names). Did you mean "pgd"?
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack fgsm --steps 4 --epsilon 8/255 --hosts 1
      error OPTION  The attack fgsm has no option "steps"; (names) have it.
        fix: It takes no options.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --steps 0 --epsilon 8/255 --hosts 1
      error OPTION  The option steps of the attack pgd is 0; allowed: whole number from 1.
        fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --norm l0 --epsilon 8/255 --hosts 1
      error ATTACK_NORM  The attack pgd does not work in l0.
        fix: Choose one of its norms: linf, l2, l1.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --goal least-likely --targets next --epsilon 8/255 --hosts 1
      error OPTION_CONFLICT  --targets is of no use with the goal least-likely.
        fix: Leave it out, or take --goal targeted.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --predicted --targets next --epsilon 8/255 --hosts 1
      error OPTION_CONFLICT  --predicted is of no use with the goal targeted.
        fix: Leave it out, or take --goal untargeted.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --defense jpeg:qualty=50 --epsilon 8/255 --hosts 1
      error OPTION  The defense jpeg has no option "qualty". Did you mean "quality"?
        fix: Its options are quality, subsampling.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --defense jpeg --epsilon 8/255 --hosts 1
      error NO_GRADIENT  jpeg(quad): The stage "jpeg" of jpeg(quad) has no gradient.
        fix: Put the view bpda around it: --through bpda, or through: [bpda] in YAML.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --save labels.csv --epsilon 8/255 --hosts 1
      error OUTPUT_UNWRITABLE  labels.csv: A file has the name of this folder.
        fix: Choose another place, or move that file.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --report gone/report.html --epsilon 8/255 --hosts 1
      error OUTPUT_UNWRITABLE  gone/report.html: The folder to write into does not exist.
        fix: Make the folder first.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --stepsize 4 --epsilon 8/255 --hosts 1
      error ARGUMENT  Unknown option '--stepsize'.
        fix: Did you mean --step-size?
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd:steps=4 --steps 4 --epsilon 8/255 --hosts 1
      error OPTION  The option steps of the attack pgd is given twice.
        fix: Give it once.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --steps 4 --steps 5 --epsilon 8/255 --hosts 1
      error OPTION  The option steps of the attack pgd is given twice.
        fix: Give it once.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --steps many --epsilon 8/255 --hosts 1
      error OPTION  The option steps of the attack pgd is "many"; allowed: whole number from 1.
        fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --pairs 4 --epsilon 8/255 --hosts 1
      error OPTION  The attack pgd has no option "pairs"; (names) have it.
        fix: Its options are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd:decay=1 --epsilon 8/255 --hosts 1
      error OPTION  The attack pgd has no option "decay"; (names) have it.
        fix: Its options are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd:loss=margn --epsilon 8/255 --hosts 1
      error OPTION  The option loss of the attack pgd is "margn"; allowed: cross-entropy, margin, carlini-wagner. Did you mean "margin"?
        fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd:randomStart=maybe --epsilon 8/255 --hosts 1
      error OPTION  The option randomStart of the attack pgd is "maybe"; allowed: true or false.
        fix: Correct it; the options of the attack pgd are steps, stepSize, restarts, randomStart, loss, sparsity.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd:steps=[4 --epsilon 8/255 --hosts 1
      error SHORT_FORM  pgd:steps=[4: The list of steps has no end.
        fix: Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --defense jpeg:subsampling=4:2:2 --epsilon 8/255 --hosts 1
      error OPTION  The option subsampling of the defense jpeg is "4:2:2"; allowed: 4:2:0, 4:4:4. Did you mean "4:2:0"?
        fix: Correct it; the options of the defense jpeg are quality, subsampling.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --through bpda:backward=identty --epsilon 8/255 --hosts 1
      error OPTION  The option backward of the view bpda is "identty"; allowed: surrogate, identity. Did you mean "identity"?
        fix: Correct it; the options of the view bpda are backward.
      = 2

      $ attack quad.onnx --images images --labels labels.csv --attack pgd --through bdpa --epsilon 8/255 --hosts 1
      error UNKNOWN_NAME  Unknown view "bdpa". Choose one of: (names). Did you mean "bpda"?
      = 2
      "
    `);
  });
});

test('gradient refuses', async () => {
  const lines = [
    '--labels y.npy --output g.npy',
    '--input x.npy --output g.npy',
    '--input x.npy --labels y-high.npy --output g.npy',
    '--input x.npy --labels labels.npy --output g.npy',
    '--input x.npy --labels x.npy --output g.npy',
    '--input x.npy --cotangent x.npy --output g.npy',
    '--input x.npy --labels y.npy --output gone/g.npy',
    '--input x.npy --labels y.npy --output quad.json',
    '--input x.npy --labels y.npy --output g.npy --of logits',
    '--input x.npy --labels y.npy --output g.npy --wrt images',
  ].map((l) => `gradient quad.onnx ${l}`);
  lines.push('inspect quad.onnx --gradient quad.json');
  lines.push('gradient product.onnx --input a=a.npy --input b=b.npy --cotangent a.npy --output g.npy');
  lines.push('gradient product.onnx --input c=b.npy --cotangent a.npy --output g.npy');
  lines.push('sidecar quad.onnx --input factor=a.npy --force');
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ gradient quad.onnx --labels y.npy --output g.npy
    error ARGUMENT  The input "pixels" is not given.
      fix: Write --input pixels=FILE.
    = 2

    $ gradient quad.onnx --input x.npy --output g.npy
    error ARGUMENT  Give either --labels or --cotangent.
      fix: --labels y.npy for the cross-entropy, --cotangent c.npy for the sum of output * cotangent.
    = 2

    $ gradient quad.onnx --input x.npy --labels y-high.npy --output g.npy
    error LABEL_RANGE  y-high.npy, row 1: The label 4 is no index of the output.
      fix: Give indices from 0 to 3.
    = 2

    $ gradient quad.onnx --input x.npy --labels labels.npy --output g.npy
    error LABEL_MISSING  labels.npy: 12 labels for 2 rows of the input.
      fix: Save one label per row.
    = 2

    $ gradient quad.onnx --input x.npy --labels x.npy --output g.npy
    error LABEL_INVALID  x.npy: The array is float32 [2, 3, 8, 8].
      fix: Save labels as whole numbers of shape [N], type int64.
    = 2

    $ gradient quad.onnx --input x.npy --cotangent x.npy --output g.npy
    error RUNTIME_INPUT  quad.onnx: The input "cotangent" is float32 [2, 4], but received float32 [2, 3, 8, 8].
      fix: Feed every input of the model with a tensor of its type and shape.
    = 2

    $ gradient quad.onnx --input x.npy --labels y.npy --output gone/g.npy
    error OUTPUT_UNWRITABLE  gone/g.npy: The folder to write into does not exist.
      fix: Make the folder first.
    = 2

    $ gradient quad.onnx --input x.npy --labels y.npy --output quad.json
    error ARGUMENT  --output is "quad.json", which may be the sidecar of a model.
      fix: Give a file that ends in .npy.
    = 2

    $ gradient quad.onnx --input x.npy --labels y.npy --output g.npy --of logits
    error ARGUMENT  The graph has no output "logits".
      fix: Its outputs are scores.
    = 2

    $ gradient quad.onnx --input x.npy --labels y.npy --output g.npy --wrt images
    error ARGUMENT  quad.onnx: The graph has no tensor "images".
      fix: Its inputs are pixels.
    = 2

    $ inspect quad.onnx --gradient quad.json
    error ARGUMENT  --gradient is "quad.json", which may be the sidecar of a model.
      fix: Give a file that ends in .onnx.
    = 2

    $ gradient product.onnx --input a=a.npy --input b=b.npy --cotangent a.npy --output g.npy
    error ARGUMENT  The graph has 2 inputs of float type.
      fix: Say which with --wrt: a, b.
    = 2

    $ gradient product.onnx --input c=b.npy --cotangent a.npy --output g.npy
    error ARGUMENT  --input c=b.npy names no input of the graph.
      fix: Write --input NAME=FILE for each of a, b.
    = 2

    $ sidecar quad.onnx --input factor=a.npy --force
    error ARGUMENT  --input gives "factor" an array, and a sidecar holds numbers alone.
      fix: Leave it out here, and give it to the commands that use the model.
    = 2
    "
  `);
});

test('commands and files that do not exist', async () => {
  const lines = [
    'attck',
    'inspect gone.onnx',
    'inspect',
    'tournament run gone.yaml',
    'tournament report images',
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ attck
    error ARGUMENT  Unknown command 'attck'.
      fix: Did you mean attack?
    = 2

    $ inspect gone.onnx
    error FILE_MISSING  gone.onnx: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.
    = 2

    $ inspect
    error ARGUMENT  Missing required argument 'model'.
      fix: Add --help to the command to see what it takes.
    = 2

    $ tournament run gone.yaml
    error FILE_MISSING  gone.yaml: There is no such file or folder.
      fix: Check the path; relative ones start at the working folder.
    = 2

    $ tournament report images
    error RUN_MISSING  images: There is no run in this folder: it has no run.json.
      fix: Name the folder that was given as --out.
    = 2
    "
  `);
});

test('what a terminal would obey is written out', async () => {
  const hostile = '\u001B[2J\u009B1A\r\nerror\t';
  const [told] = await world.all([`inspect ${hostile}.onnx`]);
  expect(told?.err).toBe(
    'error FILE_MISSING  \\x1b[2J\\x9b1A\\r\\nerror\\t.onnx: There is no such file or folder.\n  fix: Check the path; relative ones start at the working folder.\n',
  );
});

test('with --json errors are objects on stderr', async () => {
  const { out, err, code } = await world.run(
    ...`attack quad.onnx ${folder} --attack noop --epsilon 0 --json`.split(' '),
  );
  expect({ out, code, error: JSON.parse(err) }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "error": {
        "error": {
          "code": "ARGUMENT",
          "message": "--epsilon is "0".",
          "remedy": "Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.",
        },
      },
      "out": "",
    }
  `);
  const parsed = await world.run('attack', 'quad.onnx', '--json');
  expect({ ...parsed, err: JSON.parse(parsed.err) }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": {
        "error": {
          "code": "ARGUMENT",
          "message": "Required option '--images <path>' not specified.",
          "remedy": "Add --help to the command to see what it takes.",
        },
      },
      "out": "",
    }
  `);
});

test('--json is what the command that is called makes of it', async () => {
  const lines = [
    // Flags of sub-commands.
    'zoo show --json',
    'tournament report --json',
    // The folder of --save.
    `attack quad.onnx ${folder} --attack noop --epsilon 0 --save --json`,
    // No flag of this command.
    'gradient quad.onnx --input x.npy --output g.npy --json',
    'inspect quad.onnx -- --json',
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ zoo show --json
    {"error":{"code":"ARGUMENT","message":"Missing required argument 'name'.","remedy":"Add --help to the command to see what it takes."}}
    = 2

    $ tournament report --json
    {"error":{"code":"ARGUMENT","message":"Missing required argument 'folder'.","remedy":"Add --help to the command to see what it takes."}}
    = 2

    $ attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 0 --save --json
    error ARGUMENT  --epsilon is "0".
      fix: Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.
    = 2

    $ gradient quad.onnx --input x.npy --output g.npy --json
    error ARGUMENT  Unknown option '--json'.
      fix: Add --help to the command to see what it takes.
    = 2

    $ inspect quad.onnx -- --json
    error ARGUMENT  Too many arguments for 'inspect'. Expected 1 argument but got 2: quad.onnx, --json.
      fix: Add --help to the command to see what it takes.
    = 2
    "
  `);
});
